import { createHash } from 'node:crypto';
import type { ArchiveEvent, SegmentOpened } from '#archive';
import { toSegmentId, type Volume, type VolumeFile } from '#volume';
import { HouseError } from '@porchlight/base/errors';
import type { Log } from '@porchlight/base/log';
import { releaseFrame, type VideoCodec } from '@porchlight/media/frame';
import type { TimedVideo } from './fragment-builder.ts';
import type { VolumeRounds } from './volume-rounds.ts';
import { WrittenGroup, type OnWritten } from './written-group.ts';

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
  /** Pictures whose bytes are held until they have been written and hashed. */
  readonly held: readonly TimedVideo[];
};

export type SegmentFileOptions = {
  readonly opened: Omit<SegmentOpened, 'kind' | 'segment' | 'path'>;
  readonly codec: VideoCodec;
  /** The path for a start time; called again with a later millisecond when the file exists. */
  readonly toPath: (startWallMs: number) => string;
  readonly volume: Volume;
  readonly rounds: VolumeRounds;
  readonly log: Log;
  readonly emit: (event: ArchiveEvent) => void;
  readonly onWritten?: OnWritten | undefined;
  /** Writing has failed; what was whole is kept, the rest is gone. Called once. */
  readonly onFailed: (file: SegmentFile, error: unknown) => void;
};

/**
 * One segment being written: create, init, fragments one write at a time, then sync, folder, close.
 * Starts by itself and never throws: all that goes wrong arrives at `onFailed`.
 */
export class SegmentFile {
  readonly #options: SegmentFileOptions;
  readonly #queue: FragmentBytes[] = [];
  readonly #hash = createHash('sha256');
  readonly #facts;
  readonly #group: WrittenGroup;
  #file: VolumeFile | undefined;
  #segment = '';
  #sizeBytes = 0;
  #fragments = 0;
  #pendingBytes = 0;
  #failed = false;
  #urgent = false;
  #working: Promise<void> | undefined;
  #finished: Promise<void> | undefined;

  constructor(options: SegmentFileOptions) {
    this.#options = options;
    this.#facts = { endWallMs: options.opened.startWallMs, durationTicks: 0, frames: 0, packetsLost: 0 };
    this.#group = new WrittenGroup(options.codec, options.opened.clockRateHz);
    this.#wake();
  }

  /** Bytes handed over and not written yet. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Wall time at which what is written ends. */
  get endWallMs(): number {
    return this.#facts.endWallMs;
  }

  append(fragment: FragmentBytes): void {
    if (this.#failed || this.#finished !== undefined) return;
    this.#queue.push(fragment);
    this.#pendingBytes += fragment.sizeBytes;
    this.#wake();
  }

  /** No more fragments. Resolves when the file is durable and the archive has been told; never rejects. */
  finish(urgent = false): Promise<void> {
    this.#urgent ||= urgent;
    if (urgent) this.#options.rounds.hurry();
    this.#finished ??= (async (): Promise<void> => {
      while (this.#working !== undefined) await this.#working;
      await this.#options.rounds.close(() => this.#close(), this.#urgent);
    })();
    return this.#finished;
  }

  #wake(): void {
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
      if (this.#queue.length > 0) this.#wake();
    });
  }

  async #work(): Promise<void> {
    try {
      const file = (this.#file ??= await createFile(this.#options));
      if (this.#segment === '') await this.#writeInit(file);
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift())
        await this.#write(file, next);
    } catch (error) {
      await this.#fail(error);
    }
  }

  async #writeInit(file: VolumeFile): Promise<void> {
    const { opened, rounds, emit } = this.#options;
    await file.write([opened.init]);
    this.#hash.update(opened.init);
    this.#sizeBytes = opened.init.length;
    this.#segment = toSegmentId(file.path);
    rounds.noteWritten(file);
    const volume = file.volume === undefined ? {} : { volume: file.volume };
    emit({ kind: 'segment-opened', segment: this.#segment, path: file.path, ...volume, ...opened });
  }

  async #write(file: VolumeFile, fragment: FragmentBytes): Promise<void> {
    const { sizeBytes, baseTicks, durationTicks, key, endWallMs } = fragment;
    await file.write(fragment.parts);
    for (const part of fragment.parts) this.#hash.update(part);
    for (const { frame } of fragment.held) releaseFrame(frame);
    this.#options.rounds.noteWritten(file);
    const offsetBytes = this.#sizeBytes;
    const segment = this.#segment;
    this.#options.emit({ kind: 'fragment', segment, offsetBytes, sizeBytes, baseTicks, durationTicks, key, endWallMs });
    this.#group.add({ offsetBytes, sizeBytes }, fragment.held);
    this.#options.onWritten?.(fragment.held, () => this.#group.read(file));
    this.#sizeBytes += sizeBytes;
    this.#pendingBytes -= sizeBytes;
    this.#fragments++;
    this.#facts.endWallMs = Math.max(this.#facts.endWallMs, endWallMs);
    this.#facts.durationTicks = Math.max(this.#facts.durationTicks, baseTicks + durationTicks);
    this.#facts.frames += fragment.frames;
    this.#facts.packetsLost += fragment.packetsLost;
  }

  async #fail(error: unknown): Promise<void> {
    const { log, onFailed } = this.#options;
    this.#failed = true;
    this.#queue.length = 0;
    this.#pendingBytes = 0;
    log.warn('Could not write a recording', { path: this.#file?.path, error });
    onFailed(this, error);
    // Cut what was written in part: the file ends with a whole fragment, as its hash and its index do.
    await this.#file?.truncate(this.#sizeBytes).catch((cause: unknown) => {
      log.warn('Could not cut a recording', { path: this.#file?.path, error: cause });
    });
  }

  async #close(): Promise<void> {
    const { volume, rounds, log, emit } = this.#options;
    const file = this.#file;
    if (file === undefined) return;
    rounds.noteClosed(file);
    if (this.#fragments === 0) return this.#drop(file);
    try {
      await file.sync();
      await file.close();
      await volume.syncFolder(folderOf(file.path));
    } catch (error) {
      // What is in the file can be read all the same; losing its row would lose it for certain.
      log.error('Could not make a recording durable', { path: file.path, error });
    }
    const sha256 = this.#hash.digest('hex');
    emit({ kind: 'segment-closed', segment: this.#segment, sizeBytes: this.#sizeBytes, ...this.#facts, sha256 });
  }

  /** Nothing was written into it. */
  async #drop(file: VolumeFile): Promise<void> {
    const { volume, log, emit } = this.#options;
    await file.close().catch(() => undefined);
    await volume.remove(file.path).catch((error: unknown) => log.warn('Could not remove an empty file', { error }));
    if (this.#segment !== '') emit({ kind: 'segment-dropped', segment: this.#segment });
  }
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));

/** A new file named after its start; a name already taken (the clock was set back) moves on by a millisecond. */
async function createFile(options: SegmentFileOptions): Promise<VolumeFile> {
  for (let extraMs = 0; ; extraMs++) {
    try {
      const file = await options.volume.create(options.toPath(options.opened.startWallMs + extraMs), {
        nameLater: true,
      });
      options.rounds.noteCreated(folderOf(file.path));
      return file;
    } catch (error) {
      if (!(error instanceof HouseError && error.kind === 'conflict') || extraMs >= 1000) throw error;
    }
  }
}
