/**
 * Trouble that a simulated camera makes on one path. Fields combine; absent fields make no trouble.
 * Probabilities are from 0 to 1 and per packet.
 */
export type Fault = {
  /** Packets that are never sent; their sequence numbers are used up. */
  readonly drop?: number;
  /** Packets that change places with the one before. */
  readonly reorder?: number;
  /** Packets with one bit of the payload turned over. */
  readonly corrupt?: number;
  /** Packets sent twice. */
  readonly duplicate?: number;
  /** Everything is sent this much later. */
  readonly delayMs?: number;
  /** Up to this much later still, at random, frame by frame. */
  readonly jitterMs?: number;
  /** RTSP answers, media stops. */
  readonly stall?: boolean;
  /** Connections stay open and nothing is answered or sent any more. */
  readonly halfOpen?: boolean;
  /** Connections that play are closed, once, when the fault is set: politely or by a reset. */
  readonly close?: 'fin' | 'reset';
  /** New requests for the path: closed without an answer, or 503. */
  readonly refuse?: 'close' | 'unavailable';
  /** Reports with a length that leads outside and a wrong version. */
  readonly badRtcp?: boolean;
  /** The camera's wall clock, in sender reports, is off by this much. */
  readonly clockJumpMs?: number;
  /** RTP timestamps are off by this much. */
  readonly timestampJumpMs?: number;
  /** The other movie of the stream (`alternate`) is shown, with other parameter sets. */
  readonly parameterChange?: boolean;
  /** Key pictures are left out. */
  readonly noKeyFrames?: boolean;
  /** The marker bit is set on every packet, or on none. */
  readonly marker?: 'always' | 'never';
  /** SSRC and sequence number begin anew, once, when the fault is set. */
  readonly restart?: boolean;
};

/** Faults that concern single packets and need them one by one. */
export function hasPacketFaults(fault: Fault | undefined): fault is Fault {
  return (
    fault !== undefined &&
    Boolean(fault.drop || fault.reorder || fault.corrupt || fault.duplicate || fault.marker !== undefined)
  );
}
