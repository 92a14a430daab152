import type { Archive } from '#archive';
import type { SegmentView } from '#index-store';
import type { Volume } from '#volume';
import { HouseError } from '@porchlight/base/errors';
import type { CameraId } from '@porchlight/contract/ids';
import { concatBytes } from '@porchlight/media/bytes';
import { parsePartName } from './playlist.ts';
import { toRunTime } from './timeline.ts';

const gone = (): HouseError =>
  new HouseError('not-found', 'This piece of footage is not there', { fix: 'Load the playlist again' });

/** The bytes that a playlist names. Rejects with `HouseError` `not-found` for anything it has not named. */
export async function readPart(
  { archive, volume }: { archive: Archive; volume: Volume },
  camera: CameraId,
  name: string,
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
  const reader = await volume.openReader(segment.path);
  try {
    const bytes = await reader.read(part.offsetBytes, part.lengthBytes);
    if (bytes.length < part.lengthBytes) throw gone();
    return concatBytes(toRunTime(bytes, { segment, init, ...range }));
  } finally {
    await reader.close();
  }
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
