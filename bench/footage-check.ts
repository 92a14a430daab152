/** Files against the index, both ways, when nobody writes to either: what plays, and whether rows say what is in the files. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';

type Row = {
  path: string;
  size_bytes: number;
  sha256: string | null;
  open: number;
  duration_ticks: number;
  rate: number;
};

export type FootageCheck = {
  readonly files: number;
  readonly unreadable: readonly string[];
  /** Rows that do not say what is in their file, files without a row, and what SQLite finds wrong with the index itself. */
  readonly wrongRows: readonly string[];
};

/** Checks footage in `archive` against the index in `data`. */
export async function checkFootage({ archive, data }: { archive: string; data: string }): Promise<FootageCheck> {
  const files = globSync(join(archive, '**/*.mp4'));
  const { rows, trouble } = readIndex(join(data, 'index.sqlite'));
  const [unreadable, wrongRows]: [string[], string[]] = [[], trouble];
  const queue = [...files];
  const work = async (): Promise<void> => {
    for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
      const path = relative(archive, file);
      const row = rows.get(path);
      rows.delete(path);
      const seconds = await probe(file);
      if (seconds === undefined) unreadable.push(path);
      const words = compare(row, await readFile(file), seconds);
      if (words !== undefined) wrongRows.push(`${path}: ${words}`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  wrongRows.push(...[...rows.keys()].map((path) => `${path}: no file`));
  return { files: files.length, unreadable, wrongRows };
}

function readIndex(path: string): { rows: Map<string, Row>; trouble: string[] } {
  const index = new DatabaseSync(path, { readOnly: true });
  const sound = index.prepare('pragma integrity_check').all();
  const rows = index
    .prepare('select path, size_bytes, sha256, open, duration_ticks, clock_rate_hz as rate from segment')
    .all() as Row[];
  index.close();
  const trouble = sound
    .map((row) => `index: ${String(row['integrity_check'])}`)
    .filter((words) => words !== 'index: ok');
  return { rows: new Map(rows.map((row) => [row.path, row])), trouble };
}

/** What differs between a file and its row. */
function compare(row: Row | undefined, bytes: Uint8Array, seconds: number | undefined): string | undefined {
  if (!row) return 'no row';
  if (row.open !== 0) return 'open';
  if (row.size_bytes !== bytes.length) return `${row.size_bytes} of ${bytes.length} bytes`;
  if (row.sha256 !== null && row.sha256 !== createHash('sha256').update(bytes).digest('hex')) return 'hash';
  if (seconds !== undefined && Math.abs(row.duration_ticks / row.rate - seconds) > 0.1)
    return `${row.duration_ticks / row.rate} s instead of ${seconds} s`;
  return undefined;
}

const run = promisify(execFile);
const probing = [
  ...['-v', 'error', '-count_packets', '-select_streams', 'v'],
  ...['-show_entries', 'stream=nb_read_packets:format=duration', '-of', 'json'],
];

/** Seconds of a file as ffprobe reads it; undefined when it says anything of an error. */
async function probe(file: string): Promise<number | undefined> {
  try {
    const { stdout, stderr } = await run('ffprobe', [...probing, file]);
    const { streams, format } = JSON.parse(stdout) as {
      streams: { nb_read_packets: string }[];
      format: { duration: string };
    };
    return stderr === '' && Number(streams[0]?.nb_read_packets) > 0 ? Number(format.duration) : undefined;
  } catch {
    return undefined;
  }
}
