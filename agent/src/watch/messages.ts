import type { ApiError } from '@porchlight/contract/errors';
import type { VideoCodec } from '@porchlight/media/frame';

/** A picture that decodes alone. */
export type CodedPicture = {
  readonly codec: VideoCodec;
  /** Annex B byte stream: parameter sets, then one key frame. */
  readonly byteStream: Uint8Array;
};

/** Agent → watcher. */
export type ToWatcher = { readonly kind: 'to-jpeg'; readonly id: number; readonly picture: CodedPicture };

/** Watcher → agent; every question gets one answer. */
export type FromWatcher =
  | { readonly kind: 'ready' }
  | { readonly kind: 'jpeg'; readonly id: number; readonly jpeg: Uint8Array }
  | { readonly kind: 'failure'; readonly id: number; readonly error: ApiError };
