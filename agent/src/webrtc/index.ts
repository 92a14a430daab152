/**
 * Media to WebRTC viewers.
 * In: a stream, a viewer's ICE and DTLS ends. Out: its RTP packets, cut once for all viewers, encrypted for each.
 * Promises: the current group of pictures is always at hand for replay; nothing is sent again but what was sent; no STUN, no TURN.
 */
export { openPeer, type Peer } from './peer.ts';
export { openRtpFeed, type FeedListener, type RtpFeed } from './rtp-feed.ts';
export { openSendLine, type SendLine } from './send-line.ts';
export { warmUp } from './warm-up.ts';
