import { randomBytes } from 'node:crypto';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { KeepingRows, SegmentRow } from '#index-store';
import type { Clock } from '@porchlight/base/clock';
import { HouseError } from '@porchlight/base/errors';
import type { Log } from '@porchlight/base/log';
import { readSecretFile, writeSecretFile } from '@porchlight/base/secrets';
import { cameraIdSchema, type CameraId } from '@porchlight/contract/ids';
import { holdSchema, type Hold } from '@porchlight/contract/storage';

export type Span = { readonly fromMs: number; readonly toMs: number };
export type HoldsParts = {
  /** Holds are kept in `holds.json` in it, so that they outlive the index. */
  readonly folder: string;
  readonly rows: KeepingRows;
  readonly clock: Clock;
  readonly log: Log;
  /** Bytes that may be held of a camera. */
  readonly mostBytes: (camera: CameraId) => number | undefined;
};

/** Spans that retention leaves alone, by camera. */
export type Holds = {
  list(camera: CameraId): readonly Hold[];
  /** Holds what overlaps the span, also what is yet to be recorded. Throws `HouseError` conflict when more would be held than may be. */
  add(camera: CameraId, wish: Span & { readonly note: string }): Hold;
  /** Lets go what no other hold covers. Throws `HouseError` not-found. */
  release(camera: CameraId, id: string): void;
  /** A segment was closed: it is held when a hold covers a part of it. */
  cover(segment: SegmentRow): void;
};

const fileSchema = z.array(holdSchema.omit({ bytes: true }).extend({ camera: cameraIdSchema }));
type Kept = z.infer<typeof fileSchema>[number];
const mostHolds = 10_000;
/** Looking into the index for each of them must not keep it from its other work. */
const mostMeasured = 500;

/** Reads the holds and marks their segments: the index may be older or made anew. */
export function openHolds(parts: HoldsParts): Holds {
  const { rows, clock, mostBytes } = parts;
  const path = join(parts.folder, 'holds.json');
  let holds = readHolds(path, parts.log);
  for (const { camera, ...span } of holds) rows.setHeld(camera, span, true);
  const write = (next: readonly Kept[]): void => {
    writeSecretFile(path, `${JSON.stringify(next)}\n`);
    holds = [...next];
  };
  const heldBytes = (camera: CameraId): number =>
    rows
      .listUsageOf(camera)
      .filter((usage) => usage.class === 'held')
      .reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    list: (camera) => {
      const own = holds.filter((hold) => hold.camera === camera);
      return own.map(({ camera: _camera, ...hold }, index): Hold => {
        const measured = own.length - index <= mostMeasured;
        return measured ? { ...hold, bytes: rows.sumBytes(camera, hold) } : hold;
      });
    },
    add(camera, wish) {
      if (holds.length >= mostHolds)
        throw new HouseError('conflict', `At most ${mostHolds} spans can be held`, { fix: 'Release one first.' });
      const limitBytes = mostBytes(camera) ?? Infinity;
      const wantedBytes = heldBytes(camera) + rows.countBytes(camera, wish);
      if (wantedBytes > limitBytes) {
        const toMb = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;
        throw new HouseError('conflict', `${toMb(wantedBytes)} would be held, ${toMb(limitBytes)} may be`, {
          fix: 'Release something, hold a shorter span, or raise the budget for held footage.',
        });
      }
      const { fromMs, toMs, note } = wish;
      const hold = { id: randomBytes(8).toString('hex'), fromMs, toMs, note, createdMs: clock.nowMs() };
      write([...holds, { ...hold, camera }]);
      rows.setHeld(camera, hold, true);
      return { ...hold, bytes: rows.sumBytes(camera, hold) };
    },
    release(camera, id) {
      const hold = holds.find((known) => known.id === id && known.camera === camera);
      if (hold === undefined) throw new HouseError('not-found', 'There is no such hold', { fix: 'Reload the list.' });
      write(holds.filter((known) => known !== hold));
      rows.setHeld(camera, hold, false);
      for (const other of holds) {
        if (other.camera === camera && other.fromMs < hold.toMs && other.toMs > hold.fromMs)
          rows.setHeld(camera, other, true);
      }
    },
    cover({ camera, startMs, endMs }) {
      const covered = holds.some((hold) => hold.camera === camera && hold.fromMs < endMs && hold.toMs > startMs);
      if (covered) rows.setHeld(camera, { fromMs: startMs, toMs: endMs }, true);
    },
  };
}

function readHolds(path: string, log: Log): Kept[] {
  const text = readSecretFile(path);
  if (text === undefined) return [];
  try {
    return fileSchema.parse(JSON.parse(text));
  } catch (cause) {
    // What is held must not become deletable by a broken file: the copy is there to look at, the rows stay held.
    renameSync(path, `${path}.broken`);
    log.error('holds.json makes no sense: what it held stays held and cannot be released by name', { error: cause });
    return [];
  }
}
