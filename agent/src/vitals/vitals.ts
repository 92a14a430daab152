import type { ArchiveEvent } from '#archive';
import { openHealth, type Health } from '#health';
import type { LineReport } from '#line';
import type { Clock } from '@porchlight/base/clock';
import type { Log } from '@porchlight/base/log';
import type { CameraId } from '@porchlight/contract/ids';
import { mainVolume, type StorageStatus } from '@porchlight/contract/storage';
import { openCameraVitals, type CameraVitals } from './camera-vitals.ts';
import { openDiskVitals } from './disk-vitals.ts';
import { openRecordingMeter, type RecordingFigures } from './recording-meter.ts';
import { tellStorage } from './storage-vitals.ts';
import type { WriteFigures } from './write-meter.ts';

export type VitalsOptions = {
  /** File that keeps alarms that stand. */
  readonly path: string;
  readonly clock: Clock;
  readonly log: Log;
  /** What all threads have written. */
  readonly writes: () => WriteFigures;
  /** How footage is kept, where that is known. */
  readonly storage?: () => StorageStatus | undefined;
  /** An alarm began, ended or got other words. */
  readonly onAlarms: () => void;
};

/** All that the main thread measures, and the health that comes of it. */
export type Vitals = {
  /** The door for any room that sees something go wrong, or well again. */
  readonly health: Health;
  note(event: ArchiveEvent): void;
  take(report: LineReport): void;
  /** These are the cameras from now on. */
  keep(cameras: readonly CameraId[]): void;
  recordings(): RecordingFigures[];
  close(): void;
};

const lookMs = 1000;
const storageMs = 5000;

/** Opens the vitals of an agent. */
export function openVitals(options: VitalsOptions): Vitals {
  const { clock, log, path, onAlarms } = options;
  const health = openHealth({ clock, log, path, onChange: onAlarms });
  const cameras: CameraVitals = openCameraVitals({ health, clock });
  const disk = openDiskVitals(health, mainVolume);
  const recording = openRecordingMeter();
  const timers = [
    clock.every(lookMs, () => disk.take(options.writes())),
    clock.every(storageMs, () => {
      const status = options.storage?.();
      if (status) tellStorage(health, status);
    }),
  ];
  return {
    health,
    note: (event) => recording.note(event),
    take: (report) => cameras.take(report),
    keep(ids) {
      health.keepCameras(ids);
      cameras.keep(ids);
      recording.keep(ids);
    },
    recordings: () => recording.figures(),
    close() {
      for (const timer of timers) timer.cancel();
      health.close();
    },
  };
}
