import { concatBytes } from '@porchlight/media/bytes';
import type { Stream } from '#stream';
import type { KeyFrame } from './messages.ts';

const startCode = Uint8Array.of(0, 0, 0, 1);

/** The newest key frame of a stream as a byte stream that decodes alone; copied, so that it may cross threads. */
export function toKeyFrame(stream: Pick<Stream, 'newestKey' | 'tracks'> | undefined): KeyFrame | undefined {
  const timed = stream?.newestKey;
  const track = stream?.tracks.find((one) => one.kind === 'video');
  if (!timed || timed.frame.kind !== 'video' || !track) return undefined;
  const parts: Uint8Array[] = [];
  for (const set of track.parameterSets) parts.push(startCode, set);
  for (const nalUnit of timed.frame.nalUnits) parts.push(startCode, ...nalUnit.parts);
  const { codec, widthPx, heightPx } = track;
  return { codec, widthPx, heightPx, wallMs: timed.wallMs, byteStream: concatBytes(parts) };
}
