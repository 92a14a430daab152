import { createHash } from 'node:crypto';
import { toSegmentId, type ArchiveEvent, type SegmentOpened, type Volume, type VolumeFile } from '#archive';
import { HouseError } from '@porchlight/base/errors';
import type { Log } from '@porchlight/base/log';
import type { VolumeRounds } from './volume-rounds.ts';

/** One fragment on its way to disk. */
export type FragmentBytes = {
  /** `moof`, `mdat` header, samples: views, in order. */
  readonly parts: readonly Uint8Array[];
  readonly sizeBytes: number;
  readonly baseTicks: number;
  readonly durationTicks: number;
  readonly key: boolean;
  readonly endWallMs: number;
  readonly frames: number;
  readonly packetsLost: number;
};

/** One segment being written: create, init, fragments one write at a time, then sync, folder, close. */
export type SegmentFile = {
  append(fragment: FragmentBytes): void;
  /** Bytes handed over and not written yet. */
  readonly pendingBytes: number;
  /** Wall time at which what is written ends. */
  readonly endWallMs: number;
  /** No more fragments. Resolves when the file is durable and the archive has been told; never rejects. */
  finish(): Promise<void>;
};

export type SegmentFileOptions = {
  readonly opened: Omit<SegmentOpened, 'kind' | 'segment' | 'path'>;
  /** The path for a start time; called again with a later millisecond when the file exists. */
  readonly toPath: (startWallMs: number) => string;
  readonly volume: Volume;
  readonly rounds: VolumeRounds;
  readonly log: Log;
  readonly emit: (event: ArchiveEvent) => void;
  /** Writing has failed; what was whole is kept, the rest is gone. Called once. */
  readonly onFailed: (error: unknown) => void;
};

/** Starts a segment. Returns at once; all that goes wrong arrives at `onFailed`. */
export function openSegmentFile(options: SegmentFileOptions): SegmentFile {
  const { opened, volume, rounds, log, emit } = options;
  const queue: FragmentBytes[] = [];
  const hash = createHash('sha256');
  let file: VolumeFile | undefined;
  let segment = '';
  let sizeBytes = 0;
  let pendingBytes = 0;
  let fragments = 0;
  let failed = false;
  const facts = { endWallMs: opened.startWallMs, durationTicks: 0, frames: 0, packetsLost: 0 };

  const start = async (): Promise<void> => {
    file = await createFile(options);
    await file.write([opened.init]);
    hash.update(opened.init);
    sizeBytes = opened.init.length;
    segment = toSegmentId(file.path);
    rounds.noteWritten(file);
    emit({ kind: 'segment-opened', segment, path: file.path, ...opened });
  };
  const writeNext = async (to: VolumeFile, fragment: FragmentBytes): Promise<void> => {
    await to.write(fragment.parts);
    for (const part of fragment.parts) hash.update(part);
    rounds.noteWritten(to);
    emit({
      kind: 'fragment',
      segment,
      offsetBytes: sizeBytes,
      sizeBytes: fragment.sizeBytes,
      baseTicks: fragment.baseTicks,
      durationTicks: fragment.durationTicks,
      key: fragment.key,
      endWallMs: fragment.endWallMs,
    });
    sizeBytes += fragment.sizeBytes;
    pendingBytes -= fragment.sizeBytes;
    fragments++;
    facts.endWallMs = Math.max(facts.endWallMs, fragment.endWallMs);
    facts.durationTicks = Math.max(facts.durationTicks, fragment.baseTicks + fragment.durationTicks);
    facts.frames += fragment.frames;
    facts.packetsLost += fragment.packetsLost;
  };
  const fail = async (error: unknown): Promise<void> => {
    failed = true;
    queue.length = 0;
    pendingBytes = 0;
    log.warn('Could not write a recording', { path: file?.path, error });
    options.onFailed(error);
    // Cut what was written in part: the file ends with a whole fragment, as its hash and its index do.
    await file?.truncate(sizeBytes).catch((cause: unknown) => log.warn('Could not cut a recording', { error: cause }));
  };
  const work = async (): Promise<void> => {
    try {
      if (file === undefined) await start();
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) await writeNext(file!, next);
    } catch (error) {
      await fail(error);
    }
  };
  let working: Promise<void> | undefined;
  const wake = (): void => {
    working ??= work().finally(() => {
      working = undefined;
      if (queue.length > 0) wake();
    });
  };
  wake();

  const closeFile = async (): Promise<void> => {
    if (file === undefined) return;
    rounds.noteClosed(file);
    if (fragments === 0) {
      await file.close().catch(() => undefined);
      await volume.remove(file.path).catch((error: unknown) => log.warn('Could not remove an empty file', { error }));
      if (segment !== '') emit({ kind: 'segment-dropped', segment });
      return;
    }
    try {
      await file.sync();
      await file.close();
      await volume.syncFolder(file.path.slice(0, file.path.lastIndexOf('/')));
    } catch (error) {
      // What is in the file can be read all the same; losing its row would lose it for certain.
      log.error('Could not make a recording durable', { path: file.path, error });
    }
    emit({ kind: 'segment-closed', segment, sizeBytes, ...facts, sha256: hash.digest('hex') });
  };

  let closed: Promise<void> | undefined;
  return {
    append(fragment) {
      if (failed || closed !== undefined) return;
      queue.push(fragment);
      pendingBytes += fragment.sizeBytes;
      wake();
    },
    get pendingBytes() {
      return pendingBytes;
    },
    get endWallMs() {
      return facts.endWallMs;
    },
    finish() {
      closed ??= (async (): Promise<void> => {
        while (working !== undefined) await working;
        await rounds.close(closeFile);
      })();
      return closed;
    },
  };
}

/** A new file named after its start; a name already taken (the clock was set back) moves on by a millisecond. */
async function createFile(options: SegmentFileOptions): Promise<VolumeFile> {
  for (let extraMs = 0; ; extraMs++) {
    try {
      return await options.volume.create(options.toPath(options.opened.startWallMs + extraMs));
    } catch (error) {
      if (!(error instanceof HouseError && error.kind === 'conflict') || extraMs >= 1000) throw error;
    }
  }
}
