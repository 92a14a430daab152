import type { Archive } from '#archive';
import { toWallMs, type SegmentView } from '#index-store';
import type { Volume } from '#volume';
import { HouseError } from '@porchlight/base/errors';
import type { CameraId } from '@porchlight/contract/ids';
import { concatBytes } from '@porchlight/media/bytes';
import { parsePartName } from './playlist.ts';
import { toRunTime } from './timeline.ts';

const gone = (): HouseError =>
  new HouseError('not-found', 'This piece of footage is not there', { fix: 'Load the playlist again' });

/** The time that a caller may see; undefined where nothing bounds it. */
export type Within = { readonly fromMs?: number | undefined; readonly toMs?: number | undefined };

/** The bytes that a playlist names. Rejects with `HouseError` `not-found` for anything it has not named. */
export async function readPart(
  { archive, volume }: { archive: Archive; volume: Volume },
  camera: CameraId,
  { name, within = {} }: { readonly name: string; readonly within?: Within | undefined },
): Promise<Uint8Array> {
  const part = parsePartName(name);
  if (part === undefined) throw gone();
  if (part.kind === 'init') {
    // The name is a hash of the content: whoever knows it has been given it by a playlist.
    const init = archive.findInit(part.hash);
    if (init === undefined) throw gone();
    return init;
  }
  const segment = archive.findSegment(part.segment);
  if (segment === undefined || segment.camera !== camera) throw gone();
  const range = findFragments(segment, part.offsetBytes, part.lengthBytes);
  const init = archive.findInit(segment.initHash);
  if (range === undefined || init === undefined) throw gone();
  if (!overlaps(segment, range, within)) throw notYours();
  const reader = await volume.openReader(segment.path);
  try {
    const bytes = await reader.read(part.offsetBytes, part.lengthBytes);
    if (bytes.length < part.lengthBytes) throw gone();
    return concatBytes(toRunTime(bytes, { segment, init, ...range }));
  } finally {
    await reader.close();
  }
}

const notYours = (): HouseError =>
  new HouseError('forbidden', 'You may not do this with this camera', { fix: 'Ask its owner.' });

/** A playlist begins and ends with whole groups of pictures: one that reaches into the span belongs to it. */
function overlaps(
  segment: SegmentView,
  { first, end }: { first: number; end: number },
  { fromMs = -Infinity, toMs = Infinity }: Within,
): boolean {
  const { fragments } = segment;
  const startMs = toWallMs(segment, fragments.baseTicks(first));
  const endMs = toWallMs(segment, fragments.baseTicks(end - 1) + fragments.durationTicks(end - 1));
  return startMs <= toMs && endMs >= fromMs;
}

/** The fragments that these bytes are, exactly. */
function findFragments(
  segment: SegmentView,
  offsetBytes: number,
  lengthBytes: number,
): { first: number; end: number } | undefined {
  const { fragments } = segment;
  let first: number | undefined;
  for (let index = 0; index < fragments.count; index++) {
    const startBytes = fragments.offsetBytes(index);
    if (startBytes === offsetBytes) first = index;
    if (first !== undefined && startBytes + fragments.sizeBytes(index) === offsetBytes + lengthBytes) {
      return { first, end: index + 1 };
    }
  }
  return undefined;
}
