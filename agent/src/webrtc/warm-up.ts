import type { Clock } from '@porchlight/base/clock';
import { parseOffer, writeAnswer } from '#offer';
import { askNobody, loadWerift } from './load-werift.ts';
import { openPeer } from './peer.ts';

const limitMs = 3000;
const loopback = '127.0.0.1';

/**
 * One handshake with ourselves over loopback, so that the first viewer does not pay for loading and compiling the library
 * (about 90 ms instead of 15). Never rejects: a viewer then merely waits longer.
 */
export async function warmUp(clock: Clock): Promise<void> {
  const closing: (() => Promise<void>)[] = [];
  try {
    const timer = new Promise<void>((resolve) => clock.after(limitMs, resolve));
    await Promise.race([shakeHands(closing), timer]);
  } catch {
    // Whatever keeps a handshake from working will be said to the first viewer.
  } finally {
    await Promise.allSettled(closing.map((close) => close()));
  }
}

async function shakeHands(closing: (() => Promise<void>)[]): Promise<void> {
  const { RTCPeerConnection, RTCRtpCodecParameters } = await loadWerift();
  const codec = new RTCRtpCodecParameters({ mimeType: 'video/H264', clockRate: 90_000, payloadType: 102 });
  const viewer = new RTCPeerConnection({
    iceServers: [],
    iceUseIpv6: false,
    iceAdditionalHostAddresses: [loopback],
    codecs: { video: [codec] },
  });
  closing.push(() => viewer.close());
  viewer.addTransceiver('video', { direction: 'recvonly' });
  viewer.iceTransports.forEach(askNobody);
  await viewer.setLocalDescription(await viewer.createOffer());
  const offer = parseOffer(viewer.localDescription?.sdp ?? '');
  if ('problem' in offer) return;
  // One pair of addresses: checks of the others would go on for half a minute after both ends are closed.
  const candidates = offer.transport.candidates.filter(({ address }) => address === loopback);
  const peer = await openPeer({ ...offer.transport, candidates }, { addresses: [loopback] });
  closing.push(() => peer.close());
  const video = { payloadType: 102, ssrc: 1 };
  const local = { ...peer.local, candidates: peer.local.candidates.filter((text) => text.includes(` ${loopback} `)) };
  const sdp = writeAnswer({ offer, local, video, audio: undefined, sessionId: '1', cname: 'warm-up' });
  await viewer.setRemoteDescription({ type: 'answer', sdp });
  await peer.connect(
    () => undefined,
    () => undefined,
  );
}
