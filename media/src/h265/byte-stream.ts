import type { VideoFrame, VideoTrack } from '#frame';
import { readByteStream } from '#nal';
import { H265Pictures } from './pictures.ts';

/**
 * Tracks and frames of an H.265 byte stream (Annex B) in decode order, at 90 kHz from 0. Presentation times follow picture
 * order count, one step of `frameRate` (default: the stream's, else 25) apart; leading pictures of a CRA at the start are
 * kept, and stand before it. Frames are views into `bytes`. Throws `MediaError` where no picture has its parameter sets.
 * @see ITU-T H.265 7.4.2.4, 8.3.1, annex B
 */
export function readH265ByteStream(
  bytes: Uint8Array,
  options: { readonly frameRate?: number | undefined } = {},
): (VideoTrack | VideoFrame)[] {
  const clockRateHz = 90000;
  const { frameRate } = options;
  const pictures = new H265Pictures({ parameterSets: [], clockRateHz, frameRate, exact: true });
  return readByteStream(bytes, { codec: 'h265', clockRateHz, frameRate, pictures });
}
