import type { VideoFrame, VideoTrack } from '#frame';
import { readByteStream } from '#nal';
import { H264Pictures } from './pictures.ts';

/**
 * Tracks and frames of an H.264 byte stream (Annex B) in decode order, at 90 kHz from 0. Presentation times follow picture
 * order count, one step of `frameRate` (default: the VUI's, else 25) apart; the two fields of a frame are one frame.
 * Frames are views into `bytes`. Throws `MediaError` where no picture has its parameter sets.
 * @see ITU-T H.264 7.4.1.2, 8.2.1, annex B
 */
export function readH264ByteStream(
  bytes: Uint8Array,
  options: { readonly frameRate?: number | undefined } = {},
): (VideoTrack | VideoFrame)[] {
  const clockRateHz = 90000;
  const { frameRate } = options;
  const pictures = new H264Pictures({ parameterSets: [], clockRateHz, frameRate, exact: true });
  return readByteStream(bytes, { codec: 'h264', clockRateHz, frameRate, pictures });
}
