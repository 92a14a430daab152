import type * as Werift from 'werift';
import type { IceSettings } from '@porchlight/base/config';
import type { LocalTransport, RemoteTransport } from '#offer';
import { askNobody, loadWerift } from './load-werift.ts';

/** Fields of an RTP header that change; no extensions, no CSRC. */
export type RtpFields = {
  readonly payloadType: number;
  readonly ssrc: number;
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly marker: boolean;
};

/** ICE, DTLS and SRTP to one viewer. Nothing here knows of codecs. */
export type Peer = {
  readonly local: LocalTransport;
  /** Resolves when media may flow; rejects when ICE or DTLS failed or the peer was closed. */
  connect(onRtcp: (compound: Uint8Array) => void, onLost: () => void): Promise<void>;
  sendRtp(fields: RtpFields, payload: Buffer): void;
  sendRtcp(compound: Uint8Array): void;
  /** Grows with every STUN request of the viewer: a sign of life beside RTCP. */
  checksReceived(): number;
  close(): Promise<void>;
};

const noPackets = Buffer.alloc(0);

/**
 * Opens our end for a viewer: DTLS server, full ICE in the controlled role, host candidates only, no STUN or TURN server,
 * IPv4. Uses werift's transports without its RTCPeerConnection: it negotiates codecs by name alone, its NACK cache is
 * shorter than a replay, and it reads compound RTCP past its packets' ends.
 */
export async function openPeer(remote: RemoteTransport, settings: IceSettings): Promise<Peer> {
  const werift = await loadWerift();
  const gatherer = new werift.RTCIceGatherer({
    useIpv4: true,
    useIpv6: false,
    useTcp: false,
    ...(settings.addresses ? { additionalHostAddresses: [...settings.addresses] } : {}),
    ...(settings.portRange ? { portRange: [settings.portRange[0], settings.portRange[1]] } : {}),
  });
  askNobody(gatherer);
  const ice = new werift.RTCIceTransport(gatherer);
  const certificate = await werift.RTCDtlsTransport.SetupCertificate();
  const { SRTP_AEAD_AES_128_GCM, SRTP_AES128_CM_HMAC_SHA1_80 } = {
    SRTP_AEAD_AES_128_GCM: 7,
    SRTP_AES128_CM_HMAC_SHA1_80: 1,
  } as const;
  const dtls = new werift.RTCDtlsTransport({}, ice, certificate, [SRTP_AEAD_AES_128_GCM, SRTP_AES128_CM_HMAC_SHA1_80]);
  dtls.role = 'server';
  ice.connection.iceControlling = false;
  ice.setRemoteParams(
    new werift.RTCIceParameters({ usernameFragment: remote.usernameFragment, password: remote.password }),
  );
  dtls.setRemoteParams(
    new werift.RTCDtlsParameters(
      remote.fingerprints.map(({ algorithm, value }) => new werift.RTCDtlsFingerprint(algorithm, value)),
      'client',
    ),
  );
  await ice.gather();
  for (const { foundation, priority, address, port, type } of remote.candidates) {
    void ice.addRemoteCandidate(new werift.IceCandidate(1, foundation, address, port, priority, 'udp', type));
  }
  return new WeriftPeer(werift, dtls);
}

/** A ClientHello and its retransmissions are one or two datagrams. */
const mostEarly = 8;

/**
 * The viewer's DTLS begins as soon as its own check is answered, often before ours is; werift does not listen yet, and the viewer would
 * try again only 50 ms later. What comes before is kept and given to DTLS when it listens.
 */
function keepEarly(dtls: Werift.RTCDtlsTransport): { give(): void } {
  const { onData } = dtls.iceTransport.connection;
  const kept: Buffer[] = [];
  const listening = onData.subscribe((datagram) => {
    if (kept.length < mostEarly) kept.push(datagram);
  });
  return {
    give() {
      listening.unSubscribe();
      for (const datagram of kept.splice(0)) onData.execute(datagram);
    },
  };
}

class WeriftPeer implements Peer {
  readonly #werift: typeof Werift;
  readonly #dtls: Werift.RTCDtlsTransport;
  readonly local: LocalTransport;
  #isClosed = false;

  constructor(werift: typeof Werift, dtls: Werift.RTCDtlsTransport) {
    this.#werift = werift;
    this.#dtls = dtls;
    const { usernameFragment, password } = dtls.iceTransport.localParameters;
    const { fingerprints } = dtls.localParameters;
    const candidates = dtls.iceTransport.localCandidates.map(
      ({ foundation, component, protocol, priority, ip, port, type }) =>
        `${foundation.replace(/^candidate:/, '')} ${component} ${protocol} ${priority} ${ip} ${port} typ ${type}`,
    );
    this.local = { usernameFragment, password, fingerprints, candidates };
  }

  async connect(onRtcp: (compound: Uint8Array) => void, onLost: () => void): Promise<void> {
    const dtls = this.#dtls;
    const early = keepEarly(dtls);
    await dtls.iceTransport.start();
    const failed = new Promise<never>((_, reject) => {
      dtls.onStateChange.subscribe((state) => {
        if (state === 'failed' || state === 'closed') reject(new Error(`DTLS ${state}`));
      });
    });
    const started = dtls.start();
    early.give();
    await Promise.race([started, failed]);
    this.#takeOverRtcp(onRtcp);
    dtls.onStateChange.subscribe(onLost);
    dtls.iceTransport.onStateChange.subscribe((state) => {
      if (state === 'failed' || state === 'closed') onLost();
    });
  }

  /** We parse RTCP ourselves, each packet within its own length; werift gets an empty compound. */
  #takeOverRtcp(onRtcp: (compound: Uint8Array) => void): void {
    const { srtcp } = this.#dtls;
    const decrypt = srtcp.decrypt;
    srtcp.decrypt = (datagram) => {
      const compound = decrypt(datagram);
      if (!this.#isClosed) onRtcp(compound);
      return noPackets;
    };
  }

  sendRtp(fields: RtpFields, payload: Buffer): void {
    if (this.#isClosed) return;
    void this.#dtls.sendRtp(payload, new this.#werift.RtpHeader(fields));
  }

  sendRtcp(compound: Uint8Array): void {
    if (this.#isClosed || this.#dtls.state !== 'connected') return;
    const encrypted = this.#dtls.srtcp.encrypt(Buffer.from(compound));
    this.#dtls.iceTransport.connection.send(encrypted).catch(() => undefined);
  }

  checksReceived(): number {
    return this.#dtls.iceTransport.connection.nominated?.requestsReceived ?? 0;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#dtls.stop();
  }
}
