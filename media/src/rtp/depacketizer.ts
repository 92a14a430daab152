import type { FrameSink } from '#frame';

/** What every depacketizer needs to know before its first packet. */
export type DepacketizerOptions = {
  /** Index of the track in its stream, copied into every frame and damage. */
  readonly track: number;
  /** Clock of the RTP timestamps; a `TypeError` follows where the payload format fixes another one. */
  readonly clockRateHz: number;
  /** Called synchronously, in order. */
  readonly sink: FrameSink;
};

/**
 * Turns RTP payloads of one track into coded frames.
 * `push` never changes `payload` and copies what it keeps: the chunk it lies in may be reused afterwards.
 */
export type RtpDepacketizer = {
  /** One payload, header and padding removed, in sequence order. `ptsTicks` grows without wrapping. */
  push(payload: Uint8Array, ptsTicks: number, marker: boolean): void;
  /** So many packets are missing right before the next `push`. */
  lost(packets: number): void;
  /** No more packets will come: delivers what is complete or began to arrive. */
  flush(): void;
};
