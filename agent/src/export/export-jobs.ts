import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { HouseError, toHouseError } from '@porchlight/base/errors';
import type { Timer } from '@porchlight/base/clock';
import {
  exportIdSchema,
  exportKeptMs,
  longestExportMs,
  type ExportFile,
  type ExportId,
  type ExportJob,
  type ExportWish,
} from '@porchlight/contract/exports';
import { manifestType } from '@porchlight/contract/proof';
import { diskFull } from './disk-error.ts';
import { manifestName, toStamp, zipName, type Job } from './job.ts';
import { toReserveBytes, type JobParts } from './job-parts.ts';
import { makeLine, measureRest, type Work } from './line-work.ts';
import { makeJobManifest } from './manifest-work.ts';
import { writeBody } from './write-body.ts';
import { openZip, type ByteRange, type ZipEntry } from './zip-body.ts';

/** A finished file, ready to be read. */
export type OpenedFile = {
  readonly downloadName: string;
  readonly type: string;
  readonly sizeBytes: number;
  /** Says that bytes of two answers belong to the same file. */
  readonly tag: string;
  /** Whoever takes it reads it to its end or destroys it. */
  body(range: ByteRange): Readable;
};

/** An export and who asked for it. */
export type OwnedExport = { readonly job: ExportJob; readonly by: string | undefined };

/** Exports as jobs: one at a time, on disk, resumed after a restart. */
export type ExportJobs = {
  /** Throws `HouseError` `invalid` for a span that cannot be, `conflict` when there are too many. */
  add(wish: ExportWish, by: string | undefined): ExportJob;
  /** Newest first. */
  list(): OwnedExport[];
  find(id: ExportId): OwnedExport | undefined;
  /** Cancels and deletes. */
  remove(id: ExportId): Promise<void>;
  /** Goes on with what failed. */
  resume(id: ExportId): ExportJob;
  /** Undefined for a file that is not there or not finished. */
  openFile(id: ExportId, name: string): Promise<OpenedFile | undefined>;
  /** Resolves when nothing waits or runs. */
  settled(): Promise<void>;
  /** Stops; jobs go on after the next start. */
  close(): Promise<void>;
};

const mostJobs = 50;
const expiryLookMs = 60_000;
type Running = { readonly job: Job; readonly abort: AbortController; fileBytes: number; done: Promise<void> };

/** Opens the jobs that are on disk, and goes on with them. */
export function openExportJobs(parts: JobParts): ExportJobs {
  return new DiskJobs(parts);
}

class DiskJobs implements ExportJobs {
  readonly #parts: JobParts;
  readonly #jobs = new Map<ExportId, Job>();
  readonly #timer: Timer;
  #running: Running | undefined;
  #closed = false;

  constructor(parts: JobParts) {
    this.#parts = parts;
    for (const job of parts.folder.load().sort((a, b) => a.madeMs - b.madeMs)) {
      if (job.state === 'running') job.state = 'waiting';
      const names = job.clips.map(({ name }) => name);
      parts.folder.keepOnly(job.id, new Set(job.manifest === undefined ? names : [...names, manifestName]));
      this.#jobs.set(job.id, job);
    }
    this.#expire();
    this.#timer = parts.clock.every(expiryLookMs, () => this.#expire());
    this.#next();
  }

  add(wish: ExportWish, by: string | undefined): ExportJob {
    const { clock, folder } = this.#parts;
    const nowMs = clock.nowMs();
    const toMs = Math.min(wish.toMs, nowMs);
    if (toMs <= wish.fromMs || toMs - wish.fromMs > longestExportMs) {
      const fix = 'Choose a span of at most 31 days that begins in the past and ends after it begins.';
      throw new HouseError('invalid', 'This span cannot be exported', { fix });
    }
    if (this.#jobs.size >= mostJobs) {
      throw new HouseError('conflict', 'There are too many exports', { fix: 'Delete some that are done first.' });
    }
    const { cameras, streams = ['main'], fromMs, zip = false } = wish;
    const job: Job = {
      ...{ id: exportIdSchema.parse(randomBytes(8).toString('hex')), cameras, streams, fromMs, toMs, zip },
      ...{ madeMs: nowMs, state: 'waiting', expectedBytes: 0, clips: [] },
      lines: cameras.flatMap((camera) => streams.map((stream) => ({ camera, stream, nextMs: fromMs, done: false }))),
      ...(by === undefined ? {} : { by }),
    };
    folder.save(job);
    this.#jobs.set(job.id, job);
    this.#next();
    return this.#toView(job);
  }

  list(): OwnedExport[] {
    return [...this.#jobs.values()].reverse().map((job) => ({ job: this.#toView(job), by: job.by }));
  }

  find(id: ExportId): OwnedExport | undefined {
    const job = this.#jobs.get(id);
    return job && { job: this.#toView(job), by: job.by };
  }

  async remove(id: ExportId): Promise<void> {
    const running = this.#running;
    this.#jobs.delete(id);
    if (running?.job.id === id) {
      running.abort.abort(new Error('cancelled'));
      await running.done;
    }
    this.#parts.folder.remove(id);
  }

  resume(id: ExportId): ExportJob {
    const job = this.#get(id);
    if (job.state !== 'failed') {
      throw new HouseError('conflict', 'Only an export that failed can be resumed', { fix: 'Make a new one.' });
    }
    job.state = 'waiting';
    delete job.error;
    delete job.endedMs;
    this.#parts.folder.save(job);
    this.#next();
    return this.#toView(job);
  }

  async openFile(id: ExportId, name: string): Promise<OpenedFile | undefined> {
    const job = this.#jobs.get(id);
    const file = job && toFiles(job).find((one) => one.name === name);
    if (job === undefined || file === undefined) return undefined;
    const { folder } = this.#parts;
    const { sizeBytes } = file;
    if (file.kind === 'zip') {
      const zip = await openZip(this.#toEntries(job), job.madeMs);
      const downloadName = `porchlight_${toStamp(job.fromMs)}_${toStamp(job.toMs)}.zip`;
      return { downloadName, type: 'application/zip', sizeBytes, tag: `${id}-zip`, body: (range) => zip.body(range) };
    }
    return {
      ...{ downloadName: name, sizeBytes, tag: file.sha256 ?? id },
      type: file.kind === 'clip' ? 'video/mp4' : manifestType,
      body: ({ fromBytes, toBytes }) =>
        createReadStream(folder.pathOf(id, name), { start: fromBytes, end: Math.max(fromBytes, toBytes - 1) }),
    };
  }

  async settled(): Promise<void> {
    while (this.#running !== undefined) await this.#running.done;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer.cancel();
    this.#running?.abort.abort(new Error('the agent ends'));
    await this.#running?.done;
  }

  #get(id: ExportId): Job {
    const job = this.#jobs.get(id);
    if (job !== undefined) return job;
    throw new HouseError('not-found', 'There is no such export', { fix: 'List the exports.' });
  }

  #toView(job: Job): ExportJob {
    const { clips, lines: _lines, by: _by, manifest: _manifest, zipBytes: _zip, endedMs, ...rest } = job;
    const fileBytes = this.#running?.job === job ? this.#running.fileBytes : 0;
    const writtenBytes = clips.reduce((sum, { sizeBytes }) => sum + sizeBytes, fileBytes);
    const share = job.expectedBytes === 0 ? 0 : Math.min(0.99, writtenBytes / job.expectedBytes);
    return {
      ...rest,
      ...{ writtenBytes, progress: job.state === 'done' ? 1 : share, files: toFiles(job) },
      ...(endedMs === undefined ? {} : { expiresMs: endedMs + exportKeptMs }),
    };
  }

  #toEntries(job: Job): ZipEntry[] {
    return toFiles(job)
      .filter(({ kind }) => kind !== 'zip')
      .map(({ name, sizeBytes }) => ({ name, sizeBytes, path: this.#parts.folder.pathOf(job.id, name) }));
  }

  #expire(): void {
    const { clock, folder, log } = this.#parts;
    for (const { id, endedMs } of this.#jobs.values()) {
      if (endedMs === undefined || clock.nowMs() - endedMs < exportKeptMs) continue;
      this.#jobs.delete(id);
      try {
        folder.remove(id);
      } catch (error) {
        log.warn('could not delete an export that is over', { export: id, error });
      }
    }
  }

  /** Begins with the oldest that waits, unless one runs. */
  #next(): void {
    if (this.#running !== undefined || this.#closed) return;
    const job = [...this.#jobs.values()].find(({ state }) => state === 'waiting');
    if (job === undefined) return;
    const running: Running = { job, abort: new AbortController(), fileBytes: 0, done: Promise.resolve() };
    this.#running = running;
    job.state = 'running';
    running.done = this.#run(running).finally(() => {
      this.#running = undefined;
      this.#next();
    });
  }

  /** Never rejects. */
  async #run(running: Running): Promise<void> {
    const { clock, log } = this.#parts;
    const { job, abort } = running;
    try {
      await this.#make(running);
      job.state = 'done';
    } catch (thrown) {
      // Ended from outside: removed, or the agent ends and it goes on after the next start.
      if (abort.signal.aborted) return;
      const { kind, message, fix } = toHouseError(thrown);
      job.state = 'failed';
      job.error = { kind, message: kind === 'internal' ? 'Something went wrong in the agent' : message, fix };
      log.warn('An export failed', { export: job.id, error: thrown });
    }
    job.endedMs = clock.nowMs();
    this.#save(job);
  }

  #save(job: Job): void {
    if (!this.#jobs.has(job.id)) return;
    try {
      this.#parts.folder.save(job);
    } catch (error) {
      // What is remembered is older than what is there: at the worst a file is made again.
      this.#parts.log.warn('Could not write down how far an export is', { export: job.id, error });
    }
  }

  async #make(running: Running): Promise<void> {
    const { folder, pace } = this.#parts;
    const { job, abort } = running;
    const { signal } = abort;
    const onBytes = (sizeBytes: number): void => void (running.fileBytes = sizeBytes);
    const onStep = (): void => {
      running.fileBytes = 0;
      this.#save(job);
    };
    const work: Work = { job, signal, onBytes, onStep };
    await this.#checkRoom(work);
    for (const line of job.lines) if (!line.done) await makeLine(this.#parts, work, line);
    if (job.clips.length === 0) {
      throw new HouseError('not-found', 'Nothing is recorded in this span', { fix: 'Choose a span with footage.' });
    }
    const manifest = await makeJobManifest(this.#parts, job);
    signal.throwIfAborted();
    const room = (): Promise<number> => Promise.resolve(Number.MAX_SAFE_INTEGER);
    const body = toPieces(JSON.stringify(manifest));
    const parts = { pace, signal, room, onBytes: () => undefined };
    job.manifest = await writeBody(body, folder.pathOf(job.id, manifestName), parts);
    if (job.zip) job.zipBytes = (await openZip(this.#toEntries(job), job.madeMs)).sizeBytes;
  }

  /** Throws before anything is written when it will not fit. */
  async #checkRoom(work: Work): Promise<void> {
    const { job } = work;
    const restBytes = await measureRest(this.#parts, work);
    job.expectedBytes = restBytes + job.clips.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const { freeBytes, totalBytes } = await this.#parts.folder.space();
    if (freeBytes - restBytes < toReserveBytes(totalBytes)) throw diskFull();
  }
}

// eslint wants an await in an async generator; a plain one serves as well.
async function* toPieces(text: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield await Promise.resolve(Buffer.from(text));
}

/** What can be downloaded now. */
function toFiles({ clips, manifest, zipBytes, state }: Job): ExportFile[] {
  const files: ExportFile[] = clips.map(({ segments: _segments, altered: _altered, ...clip }) => ({
    ...clip,
    kind: 'clip',
  }));
  if (manifest !== undefined) files.push({ name: manifestName, kind: 'manifest', ...manifest });
  if (zipBytes !== undefined && state === 'done') files.push({ name: zipName, kind: 'zip', sizeBytes: zipBytes });
  return files;
}
