import type { Health } from '#health';
import type { LineReport, SourceReport } from '#line';
import type { Clock } from '@porchlight/base/clock';
import type { CameraId } from '@porchlight/contract/ids';

/** Where "fine" ends. */
export type CameraLimits = {
  /** Share of packets or pictures that arrive damaged, over a minute. */
  readonly damagedShare: number;
  readonly clockOffMs: number;
};

export const defaultCameraLimits: CameraLimits = { damagedShare: 0.02, clockOffMs: 10_000 };

/** What the cameras' reports tell. */
export type CameraVitals = {
  /** Takes a camera's report, about once a second. */
  take(report: LineReport): void;
  /** Other cameras are none any more. */
  keep(cameras: readonly CameraId[]): void;
};

type Counts = { readonly atMs: number; readonly good: number; readonly bad: number };

const windowMs = 60_000;
const sampleMs = 5_000;
/** Fewer packets or pictures in a minute say nothing about a share. */
const fewest = 200;

/** Opens it: every camera is looked at by each of its reports. */
export function openCameraVitals(options: {
  readonly health: Pick<Health, 'report' | 'forget'>;
  readonly clock: Clock;
  readonly limits?: CameraLimits;
}): CameraVitals {
  const { health, clock, limits = defaultCameraLimits } = options;
  const counts = new Map<string, Counts[]>();
  const paused = new Set<CameraId>();

  const takeSource = (cameraId: CameraId, source: SourceReport): void => {
    const { name: stream, clockOffMs } = source;
    const subject = stream === 'main' ? { cameraId } : { cameraId, stream };
    tellState(health, subject, source);
    if (source.status !== 'online') return;
    const share = shareOf(counts, `${cameraId} ${stream}`, { ...toCounts(source), atMs: clock.monotonicMs() });
    if (share !== undefined) {
      const percent = (share * 100).toFixed(1);
      const message = `${percent} % of what the camera sends is lost or damaged on its way.`;
      health.report({ kind: 'damaged', ...subject, ok: share <= limits.damagedShare, message });
    }
    if (clockOffMs === undefined) return;
    const message = `The camera’s clock is ${toWords(clockOffMs)}.`;
    health.report({ kind: 'clock-off', cameraId, ok: Math.abs(clockOffMs) < limits.clockOffMs, message });
  };
  return {
    take({ id, state, sources }) {
      if (state.status === 'paused') {
        if (!paused.has(id)) health.forget({ cameraId: id });
        paused.add(id);
        return;
      }
      paused.delete(id);
      for (const source of sources) takeSource(id, source);
    },
    keep(cameras) {
      const kept = new Set<string>(cameras);
      for (const key of counts.keys()) if (!kept.has(key.split(' ')[0]!)) counts.delete(key);
      for (const id of paused) if (!kept.has(id)) paused.delete(id);
    },
  };
}

type About = Pick<Parameters<Health['report']>[0], 'cameraId' | 'stream'>;

function tellState(health: Pick<Health, 'report'>, about: About, source: SourceReport): void {
  const { status, reason, message, fix } = source;
  if (status === 'offline' || status === 'error') {
    health.report({ kind: reason === 'stalled' ? 'camera-stalled' : 'camera-down', ...about, ok: false, message, fix });
  } else if (status === 'online') {
    health.report({ kind: 'camera-down', ...about, ok: true });
    const missing = reason === 'no-keyframe';
    health.report({ kind: 'no-key-frames', ...about, ok: !missing, ...(missing ? { message, fix } : {}) });
  }
}

/** Packets known to be missing; where packets are not counted (files, byte streams), damaged pictures. */
function toCounts({ packetsReceived, packetsLost, framesReceived, damage }: SourceReport): Omit<Counts, 'atMs'> {
  const damaged = damage.malformed + damage.oversized + damage['missing-parameter-sets'];
  return packetsReceived > 0
    ? { good: packetsReceived, bad: packetsLost + damaged }
    : { good: framesReceived, bad: damaged };
}

/** The damaged share over the last minute; undefined while too little has come. */
function shareOf(all: Map<string, Counts[]>, key: string, now: Counts): number | undefined {
  let samples = all.get(key) ?? [];
  const last = samples.at(-1);
  // Counters that went back belong to a thread that was started again.
  if (last && (now.good < last.good || now.bad < last.bad)) samples = [];
  if (samples.length === 0 || now.atMs - samples.at(-1)!.atMs >= sampleMs) samples.push(now);
  while (samples.length > 1 && now.atMs - samples[1]!.atMs >= windowMs) samples.shift();
  all.set(key, samples);
  const [first] = samples;
  const good = now.good - first!.good;
  const bad = now.bad - first!.bad;
  return good + bad < fewest ? undefined : bad / (good + bad);
}

function toWords(offMs: number): string {
  const seconds = Math.round(Math.abs(offMs) / 1000);
  const much =
    seconds < 120
      ? `${seconds} s`
      : seconds < 7200
        ? `${Math.round(seconds / 60)} minutes`
        : seconds < 172_800
          ? `${Math.round(seconds / 3600)} hours`
          : `${Math.round(seconds / 86_400)} days`;
  return offMs > 0 ? `${much} ahead` : `${much} behind`;
}
