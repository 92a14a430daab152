import { GrowingFragmentTable, parseTrackRates, type ClosedSegment } from '#index-store';
import type { Volume, VolumeReader } from '#volume';
import type { Log } from '@porchlight/base/log';
import { scanFragments } from '@porchlight/media/fmp4';
import { MediaError } from '@porchlight/media/frame';

/** What is whole in a segment file. */
export type RepairedFile = Omit<ClosedSegment, 'id' | 'endMs'> & {
  readonly init: Uint8Array;
  readonly clockRateHz: number;
  /** Where the picture that is shown last ends, which is what the recorder tells too: where footage ends. */
  readonly shownEndTicks: number;
};

const videoTrackId = 1;

/**
 * Cuts the file behind its last whole fragment and tells what it holds; undefined when there is no whole fragment in
 * it (the file is left as it is). Rejects with `HouseError` `not-found` for a missing file. The bytes are not hashed.
 */
export async function repairFile(volume: Volume, path: string): Promise<RepairedFile | undefined> {
  const reader = await volume.openReader(path);
  const found = await (async (): Promise<RepairedFile | undefined> => {
    try {
      return toRepaired(reader);
    } catch (error) {
      if (error instanceof MediaError) return undefined;
      throw error;
    } finally {
      await reader.close();
    }
  })();
  if (found !== undefined && found.sizeBytes < reader.sizeBytes) {
    const file = await volume.openFile(path);
    try {
      await file.truncate(found.sizeBytes);
      await file.sync();
    } finally {
      await file.close();
    }
  }
  return found;
}

function toRepaired(reader: VolumeReader): RepairedFile | undefined {
  const scan = scanFragments(reader);
  if (scan.fragments.length === 0) return undefined;
  const init = reader.readAt(0, scan.initSizeBytes).slice();
  const clockRateHz = parseTrackRates(init).get(videoTrackId);
  if (clockRateHz === undefined) return undefined;
  const table = new GrowingFragmentTable(scan.initSizeBytes);
  let durationTicks = 0;
  let shownEndTicks = 0;
  let frames = 0;
  for (const { offsetBytes, sizeBytes, tracks } of scan.fragments) {
    if (offsetBytes !== table.endBytes) return undefined; // not written by the recorder
    const video = tracks.find((track) => track.trackId === videoTrackId);
    const baseTicks = video?.baseDecodeTicks ?? durationTicks;
    table.append({ sizeBytes, baseTicks, durationTicks: video?.durationTicks ?? 0, key: video?.key ?? false });
    durationTicks = Math.max(durationTicks, baseTicks + (video?.durationTicks ?? 0));
    shownEndTicks = Math.max(shownEndTicks, video?.shownEndTicks ?? 0);
    frames += video?.sampleCount ?? 0;
  }
  const facts = { sizeBytes: table.endBytes, durationTicks, frames, packetsLost: 0, sha256: undefined };
  return { ...facts, fragments: table.pack(), init, clockRateHz, shownEndTicks };
}

/** Puts a file that the house does not know into `quarantine/`, under its own path; never deletes it. */
export async function quarantine(volume: Volume, path: string, log: Log): Promise<void> {
  for (let copy = 0; ; copy++) {
    const target = `quarantine/${path}${copy === 0 ? '' : `.${copy}`}`;
    const folder = target.slice(0, target.lastIndexOf('/'));
    const taken = (await volume.list(folder)).some((entry) => entry.name === target.slice(folder.length + 1));
    if (taken) continue;
    await volume.move(path, target);
    log.warn('Moved a file that is no recording of ours to quarantine', { path, target });
    return;
  }
}
