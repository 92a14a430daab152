import { toFailure, urlOf } from '../api.ts';
import type { Feed, FeedOptions, FeedStats } from './feed.ts';

/** WHEP: one POST with the offer, no waiting for candidates; DELETE on the way out. @see draft-ietf-wish-whep */
export function openWebrtcFeed(options: FeedOptions): Feed {
  const { camera, stream, video, sound, onFailure } = options;
  const peer = new RTCPeerConnection({ iceServers: [], bundlePolicy: 'max-bundle' });
  const leaving = new AbortController();
  let lease: string | undefined;
  const receiver = peer.addTransceiver('video', { direction: 'recvonly' }).receiver;
  if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = 0;
  if (sound) peer.addTransceiver('audio', { direction: 'recvonly' });
  const media = new MediaStream();
  video.srcObject = media;
  peer.ontrack = ({ track }) => {
    media.addTrack(track);
    void video.play().catch(() => undefined);
  };
  peer.onconnectionstatechange = () => {
    if (peer.connectionState === 'failed') onFailure('connection-failed');
    if (peer.connectionState === 'closed') onFailure('connection-lost');
  };
  const release = async (): Promise<void> => {
    const ended = lease;
    lease = undefined;
    if (ended !== undefined) await fetch(ended, { method: 'DELETE', keepalive: true }).catch(() => undefined);
  };
  addEventListener('pagehide', () => void release(), { signal: leaving.signal });

  const connect = async (): Promise<void> => {
    await peer.setLocalDescription(await peer.createOffer());
    const response = await fetch(urlOf('openWhep', { params: { id: camera }, query: { stream } }), {
      method: 'POST',
      headers: { 'content-type': 'application/sdp' },
      body: peer.localDescription?.sdp ?? '',
    });
    if (response.status !== 201) {
      const { error } = await toFailure(response);
      onFailure(error.reason ?? (error.kind === 'unavailable' ? 'unavailable' : 'refused'));
      return;
    }
    const location = response.headers.get('location');
    if (location !== null) lease = new URL(location, response.url).pathname;
    const sdp = await response.text();
    if (leaving.signal.aborted) await release();
    else await peer.setRemoteDescription({ type: 'answer', sdp });
  };
  connect().catch(() => onFailure('connection-failed'));

  return {
    element: video,
    stats: () => readPeerStats(peer),
    goLive: () => void video.play().catch(() => undefined),
    close() {
      leaving.abort();
      peer.onconnectionstatechange = null;
      // Said first and hung up after, or the house would hear of a session that it has ended already.
      void release().finally(() => peer.close());
      video.srcObject = null;
    },
  };
}

async function readPeerStats(peer: RTCPeerConnection): Promise<FeedStats> {
  const stats: Record<string, number> = {};
  const report = await peer.getStats();
  report.forEach((entry: Record<string, unknown>) => {
    const take = (key: string, name: string, scale = 1) => {
      if (typeof entry[key] === 'number') stats[name] = entry[key] * scale;
    };
    if (entry['type'] === 'inbound-rtp' && entry['kind'] === 'video') {
      take('packetsLost', 'packetsLost');
      take('bytesReceived', 'bytesReceived');
      take('framesDropped', 'framesDropped');
      const delay = entry['jitterBufferDelay'];
      const emitted = entry['jitterBufferEmittedCount'];
      if (typeof delay === 'number' && typeof emitted === 'number' && emitted > 0)
        stats['lagMs'] = Math.round((delay / emitted) * 1000);
    }
    if (entry['type'] === 'candidate-pair' && entry['nominated'] === true)
      take('currentRoundTripTime', 'roundTripMs', 1000);
  });
  return stats;
}
