/** One `a=` line. `value` is empty for a flag. */
export type SdpAttribute = { readonly name: string; readonly value: string };

/** A payload type of a media section with its rtpmap and fmtp; static types are filled in from RFC 3551. */
export type SdpPayload = {
  readonly payloadType: number;
  /** Encoding name as sent (`H264`, `mpeg4-generic`); empty when neither rtpmap nor RFC 3551 names it. Compare without case. */
  readonly encoding: string;
  readonly clockRateHz: number;
  /** 1 unless stated. */
  readonly channels: number;
  /** fmtp parameters, names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
};

export type SdpDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** One `m=` section. */
export type SdpMedia = {
  /** `video`, `audio`, `application` … */
  readonly kind: string;
  readonly port: number;
  /** `RTP/AVP`, `RTP/SAVPF` … */
  readonly protocol: string;
  readonly payloads: readonly SdpPayload[];
  /** As written: absolute, relative, `*`, or undefined. */
  readonly control: string | undefined;
  /** Of this section, or of the session when the section has none. */
  readonly direction: SdpDirection | undefined;
  /** Sound that the camera wants to be sent: `sendonly` audio beside sections that are not. @see ONVIF Streaming 5.3 */
  readonly backchannel: boolean;
  /** Address of the `c=` line without TTL. */
  readonly address: string | undefined;
  /** From `a=framerate`, `a=x-framerate`, when positive. */
  readonly frameRate: number | undefined;
  readonly attributes: readonly SdpAttribute[];
};

/** A session description. */
export type SdpSession = {
  /** `s=` line. */
  readonly name: string;
  readonly control: string | undefined;
  readonly attributes: readonly SdpAttribute[];
  readonly media: readonly SdpMedia[];
};
