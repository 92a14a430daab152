/** One transport of a `Transport` header. @see RFC 2326 12.39 */
export type Transport = {
  readonly lower: 'udp' | 'tcp';
  /** `RTP/AVP`, `RTP/SAVP`… without the lower transport. */
  readonly profile: string;
  readonly multicast: boolean;
  readonly interleaved: readonly [rtp: number, rtcp: number] | undefined;
  readonly clientPorts: readonly [rtp: number, rtcp: number] | undefined;
  readonly serverPorts: readonly [rtp: number, rtcp: number] | undefined;
  /** Multicast `port=`. */
  readonly ports: readonly [rtp: number, rtcp: number] | undefined;
  readonly ssrc: number | undefined;
  readonly source: string | undefined;
  readonly destination: string | undefined;
  readonly mode: string | undefined;
};
