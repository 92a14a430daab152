import { closeSync, fsyncSync, openSync, readFileSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '@porchlight/base/folder';
import type { Log } from '@porchlight/base/log';
import { exportIdSchema, type ExportId } from '@porchlight/contract/exports';
import { jobSchema, type Job } from './job.ts';

/** The folder of all jobs: one folder each, with `job.json` and the files. */
export type JobFolder = {
  readonly path: string;
  /** Jobs that are there. Files of a job that nobody can read are deleted. */
  load(): Job[];
  /** Durable when it returns. Throws what the disk says. */
  save(job: Job): void;
  pathOf(id: ExportId, name: string): string;
  remove(id: ExportId): void;
  /** Deletes what is not in `names`: files that were not finished. */
  keepOnly(id: ExportId, names: ReadonlySet<string>): void;
  space(): Promise<{ readonly freeBytes: number; readonly totalBytes: number }>;
};

const fileName = 'job.json';

/** Opens it below the agent's data folder; made when missing. */
export function openJobFolder(path: string, log: Log): JobFolder {
  makeFolder(path);
  const pathOf = (id: ExportId, name: string): string => join(path, id, name);
  const remove = (id: string): void => rmSync(join(path, id), { recursive: true, force: true });
  return {
    path,
    pathOf,
    remove,
    load: () =>
      readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
        if (!entry.isDirectory() || !exportIdSchema.safeParse(entry.name).success) return [];
        const job = readJob(join(path, entry.name, fileName));
        if (job?.id === entry.name) return [job];
        log.warn('dropped an export that cannot be read', { export: entry.name });
        remove(entry.name);
        return [];
      }),
    save(job) {
      makeFolder(join(path, job.id));
      const target = pathOf(job.id, fileName);
      const handle = openSync(`${target}.new`, 'w', 0o600);
      try {
        writeSync(handle, JSON.stringify(job));
        fsyncSync(handle);
      } finally {
        closeSync(handle);
      }
      renameSync(`${target}.new`, target);
    },
    keepOnly(id, names) {
      for (const name of readdirSync(join(path, id))) {
        if (name !== fileName && !names.has(name)) rmSync(pathOf(id, name), { recursive: true, force: true });
      }
    },
    async space() {
      const { bavail, blocks, bsize } = await statfs(path);
      return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
    },
  };
}

function readJob(path: string): Job | undefined {
  try {
    return jobSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}
