import { RTCPeerConnection, RTCRtpCodecParameters, type RtpPacket } from 'werift';

/** A WebRTC viewer made of werift's own peer connection: offers, connects, collects RTP. */
export type TestViewer = {
  readonly offer: string;
  readonly pc: RTCPeerConnection;
  readonly video: RtpPacket[];
  readonly audio: RtpPacket[];
  accept(answer: string): Promise<void>;
  until(condition: () => boolean): Promise<void>;
  close(): Promise<void>;
};

/** Opens a viewer and makes its offer. */
export async function openTestViewer(options: { videoMime?: string; parameters?: string } = {}): Promise<TestViewer> {
  const pc = new RTCPeerConnection({
    iceServers: [],
    iceUseIpv6: false,
    bundlePolicy: 'max-bundle',
    iceAdditionalHostAddresses: ['127.0.0.1'],
    codecs: {
      video: [
        new RTCRtpCodecParameters({
          mimeType: options.videoMime ?? 'video/H264',
          clockRate: 90_000,
          payloadType: 102,
          parameters: options.parameters ?? 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
          rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }],
        }),
      ],
      audio: [new RTCRtpCodecParameters({ mimeType: 'audio/PCMA', clockRate: 8000, channels: 1, payloadType: 8 })],
    },
  });
  const video: RtpPacket[] = [];
  const audio: RtpPacket[] = [];
  let wake: (() => void)[] = [];
  const changed = (): void => {
    const all = wake;
    wake = [];
    for (const one of all) one();
  };
  for (const [kind, list] of [['video', video] as const, ['audio', audio] as const]) {
    const transceiver = pc.addTransceiver(kind, { direction: 'recvonly' });
    transceiver.onTrack.subscribe((track) =>
      track.onReceiveRtp.subscribe((packet) => {
        list.push(packet.clone());
        changed();
      }),
    );
  }
  pc.connectionStateChange.subscribe(changed);
  // werift would ask a STUN server on the Internet where none is named.
  for (const { connection } of pc.iceTransports) delete connection.stunServer;
  await pc.setLocalDescription(await pc.createOffer());
  return {
    offer: pc.localDescription!.sdp,
    pc,
    video,
    audio,
    accept: (sdp) => pc.setRemoteDescription({ type: 'answer', sdp }),
    async until(condition) {
      while (!condition()) await new Promise<void>((resolve) => wake.push(resolve));
    },
    close: () => pc.close(),
  };
}
