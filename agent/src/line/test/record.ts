import { openDiskVolume } from '#volume';
import { openFakeClock, type FakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import type { CameraId } from '@porchlight/contract/ids';
import { join } from 'node:path';
import { openLine, type LineConfig, type LineReport } from '../index.ts';
import type { ScriptedCamera } from './scripted-camera.ts';

export type Recorded = {
  /** Files in order of time; a slow disk opens them in any order. */
  readonly paths: readonly string[];
  readonly report: LineReport;
  readonly log: ReturnType<typeof openFakeLog>;
};

export type RecordOptions = {
  readonly folder: string;
  readonly path?: string;
  readonly config?: Partial<LineConfig>;
  /** Called every step, with the milliseconds since the beginning. */
  readonly onStep?: (elapsedMs: number) => void;
  /** The film counts on the last of so many connections; 1 unless given. */
  readonly connections?: number;
  readonly longestMs?: number;
};

const stepMs = 40;
/** Rounds of the event loop until a packet that was sent is given up. */
const patience = 60;

/** Records a scripted camera until its film is over. Time is faked, connection and disk are real. */
export async function record(camera: ScriptedCamera, options: RecordOptions): Promise<Recorded> {
  const clock = openFakeClock();
  const log = openFakeLog();
  const paths: string[] = [];
  const line = openLine(
    {
      ...{ id: 'scripted' as CameraId, sourceKind: 'rtsp', transport: 'tcp', paused: false },
      ...{ url: `${camera.url}${options.path ?? '/live'}`, ...options.config },
    },
    {
      ...{ clock, log, volume: openDiskVolume(options.folder), demoFolder: '' },
      emit: (event) => void (event.kind === 'segment-opened' && paths.push(join(options.folder, event.path))),
      onChange: () => undefined,
    },
  );
  const startedMs = clock.monotonicMs();
  try {
    const isOver = (): boolean => camera.over && camera.connections >= (options.connections ?? 1);
    while (!isOver() && clock.monotonicMs() - startedMs < (options.longestMs ?? 60_000)) {
      camera.advance(stepMs);
      options.onStep?.(clock.monotonicMs() - startedMs);
      const received = (): number => line.report().sources[0]!.packetsReceived;
      for (let round = 0; round < patience && received() < camera.sent; round++) await turn();
      await clock.advance(stepMs);
    }
    const report = line.report();
    return { paths, report, log };
  } finally {
    await closeOn(clock, line.close());
    paths.sort();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What closes waits for timers. */
async function closeOn(clock: FakeClock, closed: Promise<void>): Promise<void> {
  let done = false;
  void closed.finally(() => (done = true));
  for (let round = 0; round < 200 && !done; round++) await clock.advance(100);
  await closed;
}
