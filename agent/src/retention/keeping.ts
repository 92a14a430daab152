import { KeepingRows, type IndexStore } from '#index-store';
import type { VolumeSet } from '#volume';
import type { Clock, Timer } from '@porchlight/base/clock';
import { HouseError } from '@porchlight/base/errors';
import type { Log } from '@porchlight/base/log';
import { forecast, toInflow, toUsableBytes, type Forecast, type Inflow } from '@porchlight/contract/forecast';
import type { CameraId } from '@porchlight/contract/ids';
import type { Kept, StorageConfig, StorageStatus, VolumeId, VolumeStatus } from '@porchlight/contract/storage';
import { Budgets, dayMs, findBudgetFault, type CameraLimits } from './budgets.ts';
import { Carrier } from './carrier.ts';
import { openHolds, type Holds } from './holds.ts';
import { Retention, type Loss } from './retention.ts';

export type KeepingParts = {
  /** Holds are kept in it. */
  readonly folder: string;
  readonly store: IndexStore;
  readonly volumes: VolumeSet;
  readonly clock: Clock;
  readonly log: Log;
  /** Bytes of a camera's files that are still being written. */
  readonly openBytes: (camera: CameraId) => number;
};

/** How footage is kept: what was asked for, what is so, and everything in between by itself. */
export type Keeping = {
  /** Where and how much; undefined: nobody has chosen. */
  setStorage(config: StorageConfig | undefined): void;
  setCamera(camera: CameraId, limits: CameraLimits): void;
  /** The cameras that are recorded: the others' footage has no safe share. */
  keepCameras(ids: Iterable<CameraId>): void;
  /** Why this configuration cannot be done with the disks as they are; undefined when it can. */
  findFault(config: StorageConfig): string | undefined;
  /** Refused by `findFault`, or no longer: shown with the status. */
  noteRefused(reason: string | undefined): void;
  readonly holds: Holds;
  /** Deletes what is over now; also happens by itself. */
  enforce(): Promise<void>;
  /** Thins and moves what is due now; also happens by itself. */
  carry(): Promise<void>;
  /** While a loss is noted nothing is deleted, thinned or moved. */
  setLoss(loss: Loss | undefined): void;
  /** Most bytes of footage on all volumes that are listed. */
  capBytes(): number;
  /** Volumes that footage lies on, also what is being written. */
  holding(): VolumeId[];
  status(): StorageStatus;
  kept(camera: CameraId): Kept;
  close(): Promise<void>;
};

const enforceMs = 5_000;
const carryMs = 60_000;
const forecastMs = 60_000;
/** What a camera sends is measured over the last day, and again when that may have changed by a tenth; some cameras at a time. */
const measureMs = dayMs;
const longestMeasuredMs = 3_600_000;
const mostMeasured = 8;
/** Less than this says nothing yet. */
const leastMeasuredMs = 60_000;

/** Opens it: holds are marked in the index, what was under way is finished or undone, free space is looked at. */
export async function openKeeping(parts: KeepingParts): Promise<Keeping> {
  const keeping = new FootageKeeping(parts);
  await keeping.open();
  return keeping;
}

type Known = { readonly atMs: number; readonly forecast: Forecast; readonly inflows: readonly Inflow[] };

class FootageKeeping implements Keeping {
  readonly holds: Holds;
  readonly #parts: KeepingParts;
  readonly #rows: KeepingRows;
  readonly #budgets = new Budgets();
  readonly #retention: Retention;
  readonly #carrier: Carrier;
  #timers: readonly Timer[] = [];
  #refused: string | undefined;
  readonly #rates = new Map<CameraId, { readonly untilMs: number; readonly bytesPerDay: number }>();
  #known: Known | undefined;

  constructor(parts: KeepingParts) {
    this.#parts = parts;
    const rows = (this.#rows = new KeepingRows(parts.store));
    const budgets = this.#budgets;
    this.#retention = new Retention({ ...parts, rows, budgets });
    this.#carrier = new Carrier({ ...parts, rows, budgets, retention: this.#retention });
    const mostBytes = (camera: CameraId): number | undefined => budgets.ofCamera(camera).held?.bytes;
    this.holds = openHolds({ ...parts, rows, mostBytes });
  }

  async open(): Promise<void> {
    const { clock, store } = this.#parts;
    store.listen({ onClosed: (segment) => this.holds.cover(segment) });
    await this.#carrier.resume();
    await this.#retention.measure();
    this.#timers = [
      clock.every(enforceMs, () => void this.enforce()),
      clock.every(carryMs, () => void this.#carrier.run()),
    ];
  }

  setStorage(config: StorageConfig | undefined): void {
    this.#budgets.setStorage(config);
    this.#known = undefined;
  }

  setCamera(camera: CameraId, limits: CameraLimits): void {
    this.#budgets.setCamera(camera, limits);
    this.#known = undefined;
  }

  keepCameras(ids: Iterable<CameraId>): void {
    this.#budgets.keepCameras(new Set(ids));
    this.#known = undefined;
  }

  findFault(config: StorageConfig): string | undefined {
    for (const volume of config.volumes) {
      const space = this.#retention.spaceOf(volume.id);
      const fault = space && findBudgetFault(volume, space);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  noteRefused(reason: string | undefined): void {
    this.#refused = reason;
  }

  enforce(): Promise<void> {
    return this.#retention.enforce();
  }

  carry(): Promise<void> {
    return this.#carrier.run();
  }

  setLoss(loss: Loss | undefined): void {
    this.#retention.stopped = loss;
  }

  capBytes(): number {
    const listed = this.#parts.volumes.list().filter(({ id }) => this.#budgets.isListed(id));
    return listed.reduce((sum, { id }) => sum + this.#retention.capOf(id), 0);
  }

  holding(): VolumeId[] {
    const rows = [...this.#rows.listUsage(), ...this.#parts.store.listOpen()];
    return [...new Set(rows.map(({ volume }) => volume))];
  }

  status(): StorageStatus {
    const { days } = this.#forecast().forecast;
    const { stopped, lostBeforeOffsite } = this.#retention;
    return {
      volumes: this.#listVolumes(),
      ...(days === undefined ? {} : { days: round(days) }),
      ...(stopped === undefined ? {} : { stopped }),
      lostBeforeOffsite,
      movingBytes: this.#carrier.movingBytes,
      ...(this.#refused === undefined ? {} : { refused: this.#refused }),
    };
  }

  kept(camera: CameraId): Kept {
    const bytes = { continuous: 0, event: 0, held: 0 };
    for (const usage of this.#rows.listUsageOf(camera)) bytes[usage.class] += usage.bytes;
    const { forecast: found, inflows } = this.#forecast();
    const bytesPerDay = inflows.find(({ id }) => id === camera)?.bytesPerDay ?? 0;
    const days = found.ofCamera.get(camera);
    return {
      continuousBytes: bytes.continuous + this.#parts.openBytes(camera),
      eventBytes: bytes.event,
      heldBytes: bytes.held,
      ...(bytesPerDay > 0 ? { bytesPerDay: Math.round(bytesPerDay) } : {}),
      ...(days === undefined ? {} : { days: round(days) }),
    };
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    await this.#carrier.close();
    await this.#retention.enforce();
  }

  #listVolumes(): VolumeStatus[] {
    const usage = this.#rows.listUsage();
    return this.#parts.volumes.list().map(({ id, state, sinceMs, folder }, index) => {
      const space = this.#retention.spaceOf(id);
      const config = this.#budgets.ofVolume(id);
      const usedBytes = usage.reduce((sum, one) => sum + (one.volume === id ? one.bytes : 0), 0);
      const openBytes = index === 0 ? this.#openBytes() : 0;
      return {
        id,
        ...(folder === undefined ? {} : { folder }),
        state,
        sinceMs,
        ...stateWords[state],
        recording: index === 0,
        ...(space === undefined ? {} : space),
        usedBytes: usedBytes + openBytes,
        capBytes: this.#retention.capOf(id),
        chosen: config?.bytes !== undefined,
        ...(config?.moveAfterDays === undefined ? {} : { moveAfterDays: config.moveAfterDays }),
      };
    });
  }

  #openBytes(): number {
    const { store, openBytes } = this.#parts;
    return store.listCameras().reduce((sum, { id }) => sum + openBytes(id), 0);
  }

  /** Bytes that footage may come to use, on all volumes together. */
  #usableBytes(): number {
    const listed = this.#listVolumes().filter(({ id }) => this.#budgets.isListed(id));
    return listed.reduce((sum, volume) => sum + toUsableBytes(volume), 0);
  }

  #forecast(): Known {
    const nowMs = this.#parts.clock.nowMs();
    if (this.#known === undefined || nowMs - this.#known.atMs > forecastMs) {
      const fresh = { left: mostMeasured };
      const inflows = this.#budgets.cameras.map((camera) => this.#toInflow(camera, nowMs, fresh));
      this.#known = { atMs: nowMs, inflows, forecast: forecast(this.#usableBytes(), inflows) };
    }
    return this.#known;
  }

  #measure(camera: CameraId, nowMs: number): number {
    const { bytes, firstMs } = this.#rows.measure(camera, nowMs - measureMs);
    const spanMs = nowMs - (firstMs ?? nowMs);
    const bytesPerDay = spanMs < leastMeasuredMs ? 0 : ((bytes + this.#parts.openBytes(camera)) / spanMs) * dayMs;
    const untilMs = nowMs + Math.min(longestMeasuredMs, Math.max(forecastMs, spanMs / 10));
    this.#rates.set(camera, { untilMs, bytesPerDay });
    return bytesPerDay;
  }

  #toInflow(camera: CameraId, nowMs: number, fresh: { left: number }): Inflow {
    const rate = this.#rates.get(camera);
    const due = rate === undefined || (rate.untilMs <= nowMs && fresh.left-- > 0);
    const bytesPerDay = due ? this.#measure(camera, nowMs) : rate.bytesPerDay;
    const limits = { capBytes: this.#budgets.capOf(camera), budget: this.#budgets.ofCamera(camera) };
    return toInflow({ id: camera, bytesPerDay }, limits);
  }
}

const round = (days: number): number => Math.round(days * 100) / 100;

const stateWords: Readonly<Record<VolumeStatus['state'], { message?: string; fix?: string }>> = {
  ok: {},
  missing: {
    message: 'The disk is not there. Nothing is written in its place.',
    fix: 'Connect or mount it again: recording goes on by itself.',
  },
  wrong: {
    message: 'Another disk is where this one should be. Nothing is written to it.',
    fix: 'Put the right disk there, or choose this folder anew to begin with it.',
  },
  'read-only': {
    message: 'The disk can only be read. What is on it plays; nothing new is written.',
    fix: 'Look whether it is mounted read-only or begins to fail.',
  },
  full: {
    message: 'The disk is full. The oldest footage makes room.',
    fix: 'If it stays full, something else uses the space: free some, or choose another disk.',
  },
  failing: {
    message: 'The disk does not take what is written to it.',
    fix: 'Look at its cable, its network and its health, and replace it if need be.',
  },
};

/** Throws `HouseError` invalid when a configuration cannot be done. */
export function refuseFault(fault: string | undefined): void {
  if (fault !== undefined) throw new HouseError('invalid', fault, { fix: 'The budget from before is still in use.' });
}
