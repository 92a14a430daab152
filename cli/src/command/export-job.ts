import { createHash } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { UsageError } from '#start';
import { systemClock as clock } from '@porchlight/base/clock';
import { exportJobSchema, type ExportFile, type ExportJob } from '@porchlight/contract/exports';
import type { House } from './house.ts';

/** An export of several cameras, or as a zip. */
export type JobWish = {
  readonly cameras: readonly string[];
  readonly streams: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly zip: boolean;
  /** A folder, or the zip's name. */
  readonly out: string | undefined;
};

const lookMs = 300;

/** Lets the house make it, fetches the files and deletes them there. Ctrl+C cancels it there, too. */
export async function exportByJob(house: House, wish: JobWish): Promise<number> {
  const { out, ...body } = wish;
  const stamp = new Date(wish.fromMs).toISOString().slice(0, 19).replaceAll(':', '-');
  const target = out ?? (wish.zip ? `export-${stamp}.zip` : `export-${stamp}`);
  if (existsSync(target)) throw new UsageError(`${target} is there already: name another with --out.`);
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify(body) };
  const made = exportJobSchema.parse(await (await house.fetch('/api/exports', init)).json());
  const leaving = new AbortController();
  const leave = (): void => leaving.abort(new Error('Cancelled. Nothing was saved.'));
  process.once('SIGINT', leave);
  try {
    const job = await waitFor(house, made, leaving.signal);
    const zip = job.files.find(({ kind }) => kind === 'zip');
    if (wish.zip && zip !== undefined) await saveFile(house, { job, file: zip, path: target });
    else {
      mkdirSync(target, { recursive: true });
      for (const file of job.files) await saveFile(house, { job, file, path: join(target, file.name) });
      process.stdout.write(`Check them with npx porchlight verify ${target}\n`);
    }
    return 0;
  } finally {
    process.off('SIGINT', leave);
    await house.fetch(`/api/exports/${made.id}`, { method: 'DELETE' }).catch(() => undefined);
  }
}

async function waitFor(house: House, made: ExportJob, signal: AbortSignal): Promise<ExportJob> {
  const say = (text: string): void => void (process.stderr.isTTY && process.stderr.write(`\r${text}`));
  for (;;) {
    const job = exportJobSchema.parse(await (await house.fetch(`/api/exports/${made.id}`)).json());
    if (job.state === 'done') {
      say('             \r');
      return job;
    }
    if (job.error !== undefined) {
      throw new Error([job.error.message, job.error.fix].filter((part) => part !== undefined).join('. '));
    }
    say(`Making: ${Math.floor(job.progress * 100)} %`);
    await clock.sleep(lookMs, signal);
  }
}

type Saving = { readonly job: ExportJob; readonly file: ExportFile; readonly path: string };

/** A file whose bytes are not those that the house made is not left behind. */
async function saveFile(house: House, { job, file, path }: Saving): Promise<void> {
  const response = await house.fetch(`/api/exports/${job.id}/files/${file.name}`);
  const hash = createHash('sha256');
  const body = Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
  body.on('data', (chunk: Uint8Array) => hash.update(chunk));
  try {
    await pipeline(body, createWriteStream(path, { flags: 'wx' }));
    if (file.sha256 !== undefined && hash.digest('hex') !== file.sha256) {
      throw new Error(`${file.name} was damaged on its way: export it again.`);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') rmSync(path, { force: true });
    throw error;
  }
  process.stdout.write(`Saved ${path}: ${file.sizeBytes} bytes\n`);
}
