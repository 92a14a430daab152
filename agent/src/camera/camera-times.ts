/** How long a camera may take for what, in milliseconds. */
export type CameraTimes = {
  readonly connectMs: number;
  readonly answerMs: number;
  /** Without a byte of video for so long the connection is dead, whatever TCP thinks. */
  readonly mediaMs: number;
  /** Packets that make no picture for so long are of another coding than was described: the camera is asked again. */
  readonly pictureMs: number;
  /** Without a key frame for so long the camera is reported. */
  readonly keyFrameMs: number;
  /** Between tries; a camera that refuses a password is asked ever less often, for it may lock the user out. */
  readonly firstRetryMs: number;
  readonly maxRetryMs: number;
  readonly refusedRetryMs: number;
  readonly maxRefusedRetryMs: number;
  /** How often a receiver report goes out. */
  readonly reportMs: number;
};

/** A stall is found within 10 s, a camera that comes back is recorded within 5 s, though its next key frame may be 2 s away. */
export const defaultCameraTimes: CameraTimes = {
  connectMs: 3000,
  answerMs: 3000,
  mediaMs: 8000,
  pictureMs: 10_000,
  keyFrameMs: 30_000,
  firstRetryMs: 500,
  maxRetryMs: 2000,
  refusedRetryMs: 30_000,
  maxRefusedRetryMs: 300_000,
  reportMs: 5000,
};
