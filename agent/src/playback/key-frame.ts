import type { Archive } from '#archive';
import { toWallMs, type FragmentTable } from '#index-store';
import type { Volume } from '#volume';
import { HouseError } from '@porchlight/base/errors';
import type { StreamName } from '@porchlight/contract/camera';
import type { CameraId } from '@porchlight/contract/ids';
import { BytesWriter, concatBytes, readU32 } from '@porchlight/media/bytes';
import { childBoxes, splitFragment, writeFragment, type Box } from '@porchlight/media/fmp4';
import { videoTrackId } from './timeline.ts';

export type KeyFrame = { readonly bytes: Uint8Array; readonly atMs: number };

/**
 * The last key frame at or before a time as an MP4 of one picture that lasts a second. Reads one fragment.
 * Rejects with `HouseError` `not-found` when nothing is recorded before that time.
 */
export async function readKeyFrame(
  { archive, volume }: { archive: Archive; volume: Volume },
  place: { camera: CameraId; stream: StreamName; atMs: number },
): Promise<KeyFrame> {
  const segment = archive.findSegmentAt(place.camera, place.stream, place.atMs);
  const init = segment && archive.findInit(segment.initHash);
  const ticks = segment && ((place.atMs - segment.startMs) * segment.clockRateHz) / 1000;
  const index = segment && findKey(segment.fragments, ticks ?? 0);
  if (segment === undefined || init === undefined || index === undefined) {
    throw new HouseError('not-found', 'Nothing is recorded at or before this time', { fix: 'Choose a later time' });
  }
  const reader = await volume.openReader(segment.path);
  try {
    const { fragments } = segment;
    const fragment = await reader.read(fragments.offsetBytes(index), fragments.sizeBytes(index));
    const picture = splitFragment(fragment).find((sample) => sample.trackId === videoTrackId && sample.key);
    if (picture === undefined) throw new HouseError('corrupt', 'The recording at this time is damaged');
    const { data } = picture;
    const sample = { sizeBytes: data.length, durationTicks: segment.clockRateHz, compositionOffsetTicks: 0 };
    const moof = writeFragment({
      sequenceNumber: 1,
      tracks: [{ trackId: videoTrackId, baseDecodeTicks: 0, samples: [{ ...sample, key: true, reference: true }] }],
    });
    const atMs = Math.round(toWallMs(segment, fragments.baseTicks(index)));
    return { bytes: concatBytes([toVideoInit(init), moof, data]), atMs };
  } finally {
    await reader.close();
  }
}

/** The last key fragment that starts at or before `ticks`, else the first. */
function findKey(fragments: FragmentTable, ticks: number): number | undefined {
  for (let index = fragments.count - 1; index >= 0; index--) {
    if (fragments.key(index) && fragments.baseTicks(index) <= ticks) return index;
  }
  return fragments.count > 0 && fragments.key(0) ? 0 : undefined;
}

/** The init section without its audio: a track that stays empty would keep players waiting for it. */
export function toVideoInit(init: Uint8Array): Uint8Array {
  const writer = new BytesWriter(init.length);
  for (const box of childBoxes(init, 0, init.length)) {
    if (box.type === 'moov') writeFiltered(writer, init, box);
    else writer.bytes(init.subarray(box.startBytes, box.endBytes));
  }
  return writer.finish();
}

function writeFiltered(writer: BytesWriter, bytes: Uint8Array, parent: Box): void {
  const startBytes = writer.length;
  writer.bytes(bytes.subarray(parent.startBytes, parent.bodyBytes));
  for (const box of childBoxes(bytes, parent.bodyBytes, parent.endBytes)) {
    if (box.type === 'mvex') writeFiltered(writer, bytes, box);
    else if (isVideoOrShared(bytes, box)) writer.bytes(bytes.subarray(box.startBytes, box.endBytes));
  }
  writer.patchU32(startBytes, writer.length - startBytes);
}

function isVideoOrShared(bytes: Uint8Array, box: Box): boolean {
  if (box.type === 'trex') return readU32(bytes, box.bodyBytes + 4) === videoTrackId;
  if (box.type !== 'trak') return true;
  for (const child of childBoxes(bytes, box.bodyBytes, box.endBytes)) {
    if (child.type !== 'tkhd') continue;
    return readU32(bytes, child.bodyBytes + (bytes[child.bodyBytes] === 1 ? 20 : 12)) === videoTrackId;
  }
  return false;
}
