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
  /** RTSP answers, media stops; `video`: sound and reports go on. */
  readonly stall?: boolean | 'video';
  /** Connections stay open and nothing is answered or sent any more. */
  readonly halfOpen?: boolean;
  /** Connections that play are closed, once, when the fault is set: politely or by a reset. */
  readonly close?: 'fin' | 'reset';
  /** New requests for the path: closed without an answer, 503, 453, 401 whatever the password, a redirect in a circle. */
  readonly refuse?: 'close' | 'unavailable' | 'full' | 'password' | 'redirect';
  /** What DESCRIBE brings: rubbish, or an SDP with a Content-Length that is too long or too short. */
  readonly describe?: 'nonsense' | 'long' | 'short';
  /** Answers leave so slowly, and media not at all. */
  readonly dripBytesPerSecond?: number;
  /** New sessions last this long without a sign of the client. */
  readonly sessionTimeoutS?: number;
  /** Requests that only keep a session alive: 405, or no answer. */
  readonly keepAlive?: 'refused' | 'silent';
  /** Which lower transport is refused (461), or agreed to while no packet arrives. */
  readonly transport?: 'no-tcp' | 'no-udp' | 'udp-lost';
  /** A stretch of bytes that are neither RTSP nor RTP, once, when the fault is set. */
  readonly garbage?: boolean;
  /** Connections are reset and new ones closed while it lasts; afterwards SSRC, sequence and timestamps are new. */
  readonly reboot?: boolean;
  /** The camera was set to another coding: connections end, and a new SDP describes the stream's `replacement`. */
  readonly swap?: boolean;
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
