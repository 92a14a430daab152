/** Why bytes were refused. */
export type MediaErrorReason = 'truncated' | 'malformed' | 'unsupported' | 'too-large';

/** Bytes that break their format. Thrown by parsers of whole messages and files; streams report `Damage` instead. */
export class MediaError extends Error {
  override readonly name = 'MediaError';
  readonly reason: MediaErrorReason;
  /** Where in the input it was noticed. */
  readonly offsetBytes: number;

  constructor(reason: MediaErrorReason, message: string, offsetBytes = 0) {
    super(message);
    this.reason = reason;
    this.offsetBytes = offsetBytes;
  }
}
