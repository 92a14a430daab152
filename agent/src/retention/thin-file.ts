import { createHash } from 'node:crypto';
import { GrowingFragmentTable, type FragmentTable, type SegmentRow } from '#index-store';
import type { Volume } from '#volume';
import { MediaError } from '@porchlight/media/frame';
import { parseMovieFragment, scanFragments, writeFragment, type PlacedSample } from '@porchlight/media/fmp4';

/** What has been written. */
export type ThinFile = {
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly frames: number;
  readonly fragments: Uint8Array;
};

type KeyFrame = { readonly baseTicks: number; readonly sample: PlacedSample };

const videoTrackId = 1;

/**
 * Writes `to`: the init section and the key frames of the segment's file, each in a fragment of its own that lasts until the next one.
 * Nothing is decoded; the pictures' bytes and times are those of the original; sound is left out. The file is durable and has been read
 * again when this resolves. Undefined, and nothing written, when there is nothing to gain. Rejects with `MediaError` when the original
 * is not what its table says. @see ISO/IEC 14496-12 8.8
 */
export async function writeThinFile(
  volume: Volume,
  segment: Pick<SegmentRow, 'path' | 'durationTicks'> & { readonly fragments: FragmentTable },
  to: string,
): Promise<ThinFile | undefined> {
  const reader = await volume.openReader(segment.path);
  try {
    const keys = await readKeyFrames(segment.fragments, (at, length) => reader.read(at, length));
    const keptBytes = keys.reduce((sum, { sample }) => sum + sample.sizeBytes, 0);
    if (keys.length === 0 || keptBytes > reader.sizeBytes * 0.9) return undefined;
    await volume.remove(to); // what an earlier try has left
    const written = await writeFile({ volume, to, keys, segment, read: (at, length) => reader.read(at, length) });
    await verify(volume, to, written);
    return written;
  } finally {
    await reader.close();
  }
}

type Read = (offsetBytes: number, lengthBytes: number) => Promise<Uint8Array>;

async function readKeyFrames(table: FragmentTable, read: Read): Promise<KeyFrame[]> {
  const keys: KeyFrame[] = [];
  for (let index = 0; index < table.count; index++) {
    if (!table.key(index)) continue;
    const offsetBytes = table.offsetBytes(index);
    const fragment = await read(offsetBytes, table.sizeBytes(index));
    const video = parseMovieFragment(fragment, offsetBytes).tracks.find(({ trackId }) => trackId === videoTrackId);
    const sample = video?.samples[0];
    if (sample?.key !== true) throw new MediaError('malformed', 'Expected a key frame where the table has one');
    keys.push({ baseTicks: table.baseTicks(index), sample });
  }
  return keys;
}

type Writing = {
  readonly volume: Volume;
  readonly to: string;
  readonly keys: readonly KeyFrame[];
  readonly segment: { readonly durationTicks: number; readonly fragments: FragmentTable };
  readonly read: Read;
};

async function writeFile({ volume, to, keys, segment, read }: Writing): Promise<ThinFile> {
  const init = await read(0, segment.fragments.initBytes);
  const table = new GrowingFragmentTable(init.length);
  const hash = createHash('sha256').update(init);
  const file = await volume.create(to);
  try {
    await file.write([init]);
    for (const [index, { baseTicks, sample }] of keys.entries()) {
      const durationTicks = Math.max(1, (keys[index + 1]?.baseTicks ?? segment.durationTicks) - baseTicks);
      const head = writeFragment({
        sequenceNumber: index + 1,
        tracks: [{ trackId: videoTrackId, baseDecodeTicks: baseTicks, samples: [{ ...sample, durationTicks }] }],
      });
      const picture = await read(sample.offsetBytes, sample.sizeBytes);
      await file.write([head, picture]);
      hash.update(head).update(picture);
      table.append({ sizeBytes: head.length + picture.length, baseTicks, durationTicks, key: true });
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await volume.syncFolder(to.slice(0, to.lastIndexOf('/')));
  const sha256 = hash.digest('hex');
  return { sizeBytes: table.endBytes, sha256, frames: keys.length, fragments: table.pack() };
}

/** Reads the file from the disk again: its bytes, and whether a player finds every picture in it. */
async function verify(volume: Volume, path: string, { sizeBytes, sha256, frames }: ThinFile): Promise<void> {
  const reader = await volume.openReader(path);
  try {
    const bytes = await reader.read(0, reader.sizeBytes);
    const same = bytes.length === sizeBytes && createHash('sha256').update(bytes).digest('hex') === sha256;
    const scan = same ? scanFragments(reader) : undefined;
    const found = scan?.fragments.filter(({ tracks }) =>
      tracks.some(({ trackId, key }) => trackId === videoTrackId && key),
    );
    if (found?.length !== frames)
      throw new MediaError('malformed', `Expected ${frames} key frames in the thinned file`);
  } finally {
    await reader.close();
  }
}
