import { z } from 'zod';
import { appendLines, isThere, toReadingVolume, type Volume, type VolumeSet } from '#volume';
import type { Clock, Timer } from '@porchlight/base/clock';
import type { Log } from '@porchlight/base/log';
import { eventIdSchema } from '@porchlight/contract/events';
import { cameraIdSchema, wallMsSchema, type CameraId } from '@porchlight/contract/ids';
import type { EventRow } from './event-book.ts';

/** Folder of event files on a volume; no camera can be called so. */
export const eventFolder = '.events';

/** A fact of the index: it has been told all that files know. */
export const eventsRead = 'events-read';

/** An event is written down soon after it began; how it grows, once in a while and at its end. */
const soonMs = 2_000;
const growsMs = 30_000;
const mostWaiting = 10_000;
const longestFileBytes = 64 << 20;
const dayMs = 86_400_000;

const lineSchema = z.object({
  id: eventIdSchema,
  camera: cameraIdSchema,
  trigger: z.string().min(1).max(64),
  label: z.string().max(1000).optional(),
  atMs: wallMsSchema,
  fromMs: wallMsSchema,
  toMs: wallMsSchema,
  triggers: z.int().positive(),
});

export type EventFilesOptions = {
  readonly volumes: VolumeSet;
  readonly clock: Clock;
  readonly log: Log;
  /** Start of the oldest footage of a camera. */
  readonly oldestMs: (camera: CameraId) => number | undefined;
};

/**
 * Events in files beside the footage, so that an index made anew has them: `.events/front-door/2026-11-20.jsonl`, a line for each state of an event
 * that was written down; the last one counts. Nothing waits for them, and a line that was cut off is left out.
 */
export class EventFiles {
  readonly #options: EventFilesOptions;
  readonly #volume: Volume;
  readonly #waiting = new Map<string, EventRow>();
  readonly #written = new Set<string>();
  /** Newest day that was begun, by camera: older files are looked at when another begins. */
  readonly #days = new Map<CameraId, string>();
  #timer: { readonly timer: Timer; readonly dueMs: number } | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: EventFilesOptions) {
    this.#options = options;
    this.#volume = toReadingVolume(options.volumes);
  }

  /** An event that began or changed. */
  note(row: EventRow): void {
    if (this.#waiting.size >= mostWaiting && !this.#waiting.has(row.id)) return;
    this.#waiting.set(row.id, row);
    this.#wake(this.#written.has(row.id) ? growsMs : soonMs);
  }

  async forgetCamera(camera: CameraId): Promise<void> {
    for (const [id, row] of this.#waiting) if (row.camera === camera) this.#waiting.delete(id);
    await this.#writing;
    for (const { volume } of this.#options.volumes.list().filter(isThere)) await volume.removeFolder(toFolder(camera));
  }

  /** Writes what waits. */
  async close(): Promise<void> {
    this.#timer?.timer.cancel();
    this.#write();
    await this.#writing;
  }

  #wake(delayMs: number): void {
    const { clock } = this.#options;
    const dueMs = clock.monotonicMs() + delayMs;
    if (this.#timer !== undefined && this.#timer.dueMs <= dueMs) return;
    this.#timer?.timer.cancel();
    this.#timer = { dueMs, timer: clock.after(delayMs, () => this.#write()) };
  }

  #write(): void {
    this.#timer = undefined;
    const rows = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#writing = this.#writing.then(() => this.#append(rows));
  }

  async #append(rows: readonly EventRow[]): Promise<void> {
    const files = Map.groupBy(rows, ({ camera, fromMs }) => toPath(camera, fromMs));
    for (const [path, group] of files) {
      try {
        await appendLines(
          this.#volume,
          path,
          group.map((row) => JSON.stringify(toLine(row))),
        );
        for (const { id } of group) this.#noteWritten(id);
        await this.#forgetOld(group[0]!.camera, path);
      } catch (error) {
        this.#options.log.warn('Could not write events down beside the footage', { error });
        // What was said of them since counts more.
        for (const row of group) if (!this.#waiting.has(row.id)) this.#waiting.set(row.id, row);
        this.#wake(growsMs);
      }
    }
  }

  #noteWritten(id: string): void {
    if (this.#written.size >= mostWaiting) this.#written.clear();
    this.#written.add(id);
  }

  /** Files of days from which no footage is left. */
  async #forgetOld(camera: CameraId, path: string): Promise<void> {
    if (this.#days.get(camera) === path) return;
    this.#days.set(camera, path);
    const oldestMs = this.#options.oldestMs(camera);
    if (oldestMs === undefined) return;
    const oldest = toPath(camera, oldestMs - dayMs);
    for (const old of await listFiles(this.#volume, camera)) if (old < oldest) await this.#volume.remove(old);
  }
}

/** Every event that files tell of, as it was last; cameras one after the other. Lines that make no sense are left out. */
export async function* readEventFiles(volumes: VolumeSet): AsyncGenerator<EventRow> {
  for (const { volume } of volumes.list().filter(isThere)) {
    for (const { name, folder } of await volume.list(eventFolder)) {
      const camera = cameraIdSchema.safeParse(name);
      if (!folder || !camera.success) continue;
      for (const path of await listFiles(volume, camera.data)) yield* await readFile(volume, path, camera.data);
    }
  }
}

async function readFile(volume: Volume, path: string, camera: CameraId): Promise<Iterable<EventRow>> {
  const reader = await volume.openReader(path);
  try {
    const bytes = await reader.read(0, Math.min(reader.sizeBytes, longestFileBytes));
    return parseEventLines(Buffer.from(bytes).toString('utf8')).filter((row) => row.camera === camera);
  } finally {
    await reader.close();
  }
}

/** Takes any text; the last line of an event counts. */
export function parseEventLines(text: string): EventRow[] {
  const rows = new Map<string, EventRow>();
  for (const line of text.split('\n')) {
    const { data } = lineSchema.safeParse(parseJson(line));
    if (data === undefined || data.toMs < data.fromMs) continue;
    const { label, ...row } = data;
    rows.set(row.id, { ...row, ...(label === undefined ? {} : { label }) });
  }
  return [...rows.values()];
}

function toLine({ id, camera, trigger, label, atMs, fromMs, toMs, triggers }: EventRow): object {
  const times = { atMs: Math.round(atMs), fromMs: Math.round(fromMs), toMs: Math.round(toMs) };
  return { id, camera, trigger, ...(label === undefined ? {} : { label }), ...times, triggers };
}

const toFolder = (camera: CameraId): string => `${eventFolder}/${camera}`;
const toPath = (camera: CameraId, atMs: number): string =>
  `${toFolder(camera)}/${new Date(atMs).toISOString().slice(0, 10)}.jsonl`;

async function listFiles(volume: Volume, camera: CameraId): Promise<string[]> {
  const entries = await volume.list(toFolder(camera));
  return entries
    .filter(({ name }) => /^\d{4}-\d\d-\d\d\.jsonl$/.test(name))
    .map(({ name }) => `${toFolder(camera)}/${name}`)
    .sort();
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
