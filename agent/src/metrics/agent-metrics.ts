import { readdirSync } from 'node:fs';
import type { AgentAlarm } from '@porchlight/contract/alarms';
import type { CameraId } from '@porchlight/contract/ids';
import type { VolumeStatus } from '@porchlight/contract/storage';
import { writeExposition, type HistogramSample, type MetricDescription, type Sample } from '@porchlight/base/metrics';
import type { CoverageSum } from '#coverage';
import type { LineReport, SourceReport } from '#line';
import { writeBoundsMs, type RecordingFigures, type WriteFigures } from '#vitals';

/** What the agent's metrics are made from. */
export type MetricsSource = {
  readonly nowMs: number;
  readonly reports: readonly LineReport[];
  readonly recordings: readonly RecordingFigures[];
  readonly writes: WriteFigures;
  readonly alarms: readonly AgentAlarm[];
  readonly viewers: number;
  readonly shardRestarts: number;
  usedBytes(camera: CameraId): number;
  /** What is recorded of the last 24 hours. */
  coverage(camera: CameraId): CoverageSum;
  /** Where footage is kept. */
  readonly volumes: readonly VolumeStatus[];
};

type Family = MetricDescription & {
  readonly samples: (source: MetricsSource) => readonly Sample[] | readonly HistogramSample[];
};
type Kind = 'gauge' | 'counter';

const family = (
  [name, type, help]: readonly [string, Kind | 'histogram', string],
  labels: readonly string[],
  samples: Family['samples'],
): Family => ({ name: `porchlight_${name}`, type, help, labels, samples });

const ofAgent = (name: string, type: Kind, help: string, value: (source: MetricsSource) => number | undefined) =>
  family([name, type, help], [], (source) => {
    const figure = value(source);
    return figure === undefined ? [] : [{ value: figure }];
  });

type CameraValue = (report: LineReport, source: MetricsSource) => number;
const ofCamera = (name: string, type: Kind, help: string, value: CameraValue) =>
  family([name, type, help], ['camera'], (source) =>
    source.reports.map((report) => ({ labels: { camera: report.id }, value: value(report, source) })),
  );

type StreamValue = (stream: SourceReport, source: MetricsSource) => number | undefined;
const ofStream = (name: string, type: Kind, help: string, value: StreamValue) =>
  family([name, type, help], ['camera', 'stream'], (source) =>
    source.reports.flatMap(({ id, sources }) =>
      sources.flatMap((stream) => {
        const figure = value(stream, source);
        return figure === undefined ? [] : [{ labels: { camera: id, stream: stream.name }, value: figure }];
      }),
    ),
  );

type Status = LineReport['streams'][number];
const ofStatus = (name: string, type: Kind, help: string, value: (status: Status) => number | undefined) =>
  family([name, type, help], ['camera', 'stream'], (source) =>
    source.reports.flatMap(({ id, streams }) =>
      streams.flatMap((status) => {
        const figure = value(status);
        return figure === undefined ? [] : [{ labels: { camera: id, stream: status.name }, value: figure }];
      }),
    ),
  );

const ofRecording = (name: string, help: string, value: (figures: RecordingFigures) => number) =>
  family([name, 'counter', help], ['camera', 'stream'], (source) =>
    source.recordings.map((figures) => ({
      labels: { camera: figures.cameraId, stream: figures.stream },
      value: value(figures),
    })),
  );

const ofVolume = (name: string, help: string, value: (volume: VolumeStatus) => number | undefined) =>
  family([name, 'gauge', help], ['volume'], ({ volumes }) =>
    volumes.flatMap((volume) => {
      const figure = value(volume);
      return figure === undefined ? [] : [{ labels: { volume: volume.id }, value: figure }];
    }),
  );

const damagedOf = ({ damage }: SourceReport): number =>
  damage.malformed + damage.oversized + damage['missing-parameter-sets'];

const cameraFamilies: readonly Family[] = [
  ofCamera('camera_online', 'gauge', 'Whether the camera sends', ({ state }) => Number(state.status === 'online')),
  ofCamera('camera_used_bytes', 'gauge', 'Footage kept', ({ id }, source) => source.usedBytes(id)),
];

/** One look at the index for both families. */
const coverages = new WeakMap<MetricsSource, Map<CameraId, CoverageSum>>();
function coverageOf(source: MetricsSource): Map<CameraId, CoverageSum> {
  let found = coverages.get(source);
  if (!found) coverages.set(source, (found = new Map(source.reports.map(({ id }) => [id, source.coverage(id)]))));
  return found;
}

const coverageFamilies: readonly Family[] = [
  family(
    [
      'coverage_ratio',
      'gauge',
      'Recorded share of what was to be recorded in the last 24 hours; absent when nothing was',
    ],
    ['camera'],
    (source) =>
      [...coverageOf(source)].flatMap(([camera, { percent }]) =>
        percent === undefined ? [] : [{ labels: { camera }, value: percent / 100 }],
      ),
  ),
  family(
    ['missing_seconds', 'gauge', 'Time without footage in the last 24 hours, by reason'],
    ['camera', 'reason'],
    (source) =>
      [...coverageOf(source)].flatMap(([camera, { missingMs }]) =>
        Object.entries(missingMs).map(([reason, ms]) => ({ labels: { camera, reason }, value: ms / 1000 })),
      ),
  ),
];

const streamFamilies: readonly Family[] = [
  ofStream('received_bytes_total', 'counter', 'Bytes received from the camera', (one) => one.bytesReceived),
  ofStream('packets_received_total', 'counter', 'RTP packets received', (one) => one.packetsReceived),
  ofStream('packets_lost_total', 'counter', 'RTP packets known to be missing', (one) => one.packetsLost),
  ofStream('frames_received_total', 'counter', 'Pictures received', (one) => one.framesReceived),
  ofStream('frames_damaged_total', 'counter', 'Pictures or parts that made no sense', damagedOf),
  ofStream('reconnects_total', 'counter', 'Connections begun again', (one) => one.reconnects),
  ofStream('key_frame_age_seconds', 'gauge', 'Time since the newest key frame', ({ lastKeyMs }, { nowMs }) =>
    lastKeyMs === undefined ? undefined : Math.max(0, nowMs - lastKeyMs) / 1000,
  ),
  ofStream('camera_clock_offset_seconds', 'gauge', 'The camera’s clock minus the agent’s', ({ clockOffMs }) =>
    clockOffMs === undefined ? undefined : clockOffMs / 1000,
  ),
  ofStatus('stream_bits_per_second', 'gauge', 'Bitrate over the last seconds', (one) => one.bitrateBps),
  ofStatus('stream_pictures_per_second', 'gauge', 'Picture rate over the last seconds', (one) => one.fps),
  ofStatus('stream_recording', 'gauge', 'Whether a segment is being written', (one) => Number(one.recording)),
];

const damageFamily = family(
  ['stream_damage_total', 'counter', 'Damage seen in what the camera sent, by reason'],
  ['camera', 'stream', 'reason'],
  ({ reports }) =>
    reports.flatMap(({ id, sources }) =>
      sources.flatMap(({ name, damage }) =>
        Object.entries(damage).map(([reason, value]) => ({ labels: { camera: id, stream: name, reason }, value })),
      ),
    ),
);

const recordingFamilies: readonly Family[] = [
  ofRecording('segments_total', 'Segment files begun', (one) => one.segments),
  ofRecording('fragments_total', 'Fragments written', (one) => one.fragments),
  ofRecording('recorded_bytes_total', 'Bytes of footage written', (one) => one.bytes),
  ofRecording('queue_drops_total', 'Times that a full queue dropped pictures', ({ gaps }) => gaps.dropped ?? 0),
  family(
    ['gaps_total', 'counter', 'Times that footage stopped, by reason'],
    ['camera', 'stream', 'reason'],
    ({ recordings }) =>
      recordings.flatMap(({ cameraId, stream, gaps }) =>
        Object.entries(gaps).map(([reason, value]) => ({ labels: { camera: cameraId, stream, reason }, value })),
      ),
  ),
];

const diskFamilies: readonly Family[] = [
  family(['write_seconds', 'histogram', 'How long writes of fragments took'], [], ({ writes }) => [
    {
      bounds: writeBoundsMs.map((boundMs) => boundMs / 1000),
      counts: writes.buckets,
      sum: writes.sumMs / 1000,
    },
  ]),
  ofAgent('written_bytes_total', 'counter', 'Bytes handed to the disk', ({ writes }) => writes.bytes),
  family(['write_errors_total', 'counter', 'Writes that the disk refused, by reason'], ['reason'], ({ writes }) =>
    Object.entries(writes.troubles).map(([reason, value]) => ({ labels: { reason }, value })),
  ),
  ofVolume('disk_ok', 'Whether footage can be written there', ({ state }) => Number(state === 'ok')),
  ofVolume('disk_free_bytes', 'What may still be written there', ({ freeBytes }) => freeBytes),
  ofVolume('disk_size_bytes', 'Size of the disk', ({ totalBytes }) => totalBytes),
  ofVolume('budget_bytes', 'Most bytes of footage kept there', ({ capBytes }) => capBytes),
  ofVolume('budget_used_bytes', 'Bytes of footage kept there', ({ usedBytes }) => usedBytes),
];

const agentFamilies: readonly Family[] = [
  family(['agent_alarms_open', 'gauge', 'Alarms that stand, by severity'], ['severity'], ({ alarms }) =>
    (['critical', 'warning'] as const).map((severity) => ({
      labels: { severity },
      value: alarms.filter((alarm) => alarm.severity === severity).length,
    })),
  ),
  ofAgent('viewers', 'gauge', 'Live viewers', ({ viewers }) => viewers),
  ofAgent('shard_restarts_total', 'counter', 'Threads that died and came back', ({ shardRestarts }) => shardRestarts),
  ofAgent('agent_memory_bytes', 'gauge', 'Resident memory of the agent', () => process.memoryUsage.rss()),
  ofAgent('agent_cpu_seconds_total', 'counter', 'Processor time of the agent', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  }),
  ofAgent('agent_open_handles', 'gauge', 'Files and sockets that the agent has open (Linux)', countHandles),
  ofAgent('agent_uptime_seconds', 'gauge', 'Time since the agent started', () => process.uptime()),
];

const families = [
  ...cameraFamilies,
  ...coverageFamilies,
  ...streamFamilies,
  damageFamily,
  ...recordingFamilies,
  ...diskFamilies,
  ...agentFamilies,
];

/** Every metric of the agent, for the reference. */
export const agentMetrics: readonly MetricDescription[] = families;

/** The agent's metrics as Prometheus text. */
export function writeMetrics(source: MetricsSource): string {
  return writeExposition(families.map((one) => ({ ...one, samples: one.samples(source) })));
}

function countHandles(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}
