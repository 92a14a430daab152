/** Video codings that Porchlight records and passes on. */
export type VideoCodec = 'h264' | 'h265';

/** Audio codings that a camera may send. */
export type AudioCodec = 'aac' | 'opus' | 'pcmu' | 'pcma' | 'flac';

/** What a decoder must know of a video track before its first frame. Immutable: a change is a new value. */
export type VideoTrack = {
  readonly kind: 'video';
  readonly codec: VideoCodec;
  /** Ticks per second of every `ptsTicks` of this track; 90000 over RTP. */
  readonly clockRateHz: number;
  /** NAL units without start code or length: H.264 SPS…, PPS…; H.265 VPS…, SPS…, PPS… */
  readonly parameterSets: readonly Uint8Array[];
  /** RFC 6381, for example `avc1.64001f` or `hvc1.1.6.L93.B0`. */
  readonly codecString: string;
  /** Cropped picture size. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** Pictures that may precede a picture in decode order and follow it in output order; undefined when not stated. */
  readonly reorderDepth: number | undefined;
  /** Nominal pictures per second from VUI or SDP, when stated. */
  readonly frameRate: number | undefined;
};

/** What a decoder must know of an audio track before its first frame. */
export type AudioTrack = {
  readonly kind: 'audio';
  readonly codec: AudioCodec;
  /** Ticks per second of every `ptsTicks` of this track. */
  readonly clockRateHz: number;
  readonly sampleRateHz: number;
  readonly channels: number;
  /** AudioSpecificConfig for AAC (ISO/IEC 14496-3 1.6.2.1); STREAMINFO (34 bytes) for FLAC; empty otherwise. */
  readonly config: Uint8Array;
  /** RFC 6381 string of the coding as it came: `mp4a.40.2`, `opus`, `flac`, `ulaw`, `alaw`. */
  readonly codecString: string;
};

/** One track of a camera's stream. */
export type TrackDescription = VideoTrack | AudioTrack;
