import type { LineReport } from '#line';

/** What the agent's metrics are made from. */
export type MetricsSource = {
  readonly reports: Iterable<LineReport>;
  readonly viewers: number;
  readonly shardRestarts: number;
  readonly usedBytes: (camera: LineReport['id']) => number;
};

type Report = LineReport;
type Stream = LineReport['streams'][number];
type Sample = { readonly labels: Readonly<Record<string, string>>; readonly value: number };
type Family<Of> = readonly [name: string, type: 'gauge' | 'counter', help: string, value: (of: Of) => number];

const cameraFamilies: readonly Family<Report>[] = [
  ['camera_online', 'gauge', 'Whether the camera sends', ({ state }) => Number(state.status === 'online')],
  ['camera_received_bytes_total', 'counter', 'Bytes received from the camera', ({ bytesReceived }) => bytesReceived],
  ['camera_reconnects_total', 'counter', 'Connections begun again', ({ reconnects }) => reconnects],
];
const streamFamilies: readonly Family<Stream>[] = [
  ['stream_packets_total', 'counter', 'Packets received', ({ packetsReceived }) => packetsReceived],
  ['stream_packets_lost_total', 'counter', 'Packets known to be missing', ({ packetsLost }) => packetsLost],
  ['stream_frames_total', 'counter', 'Pictures received', ({ framesReceived }) => framesReceived],
  ['stream_bits_per_second', 'gauge', 'Bitrate over the last seconds', ({ bitrateBps }) => bitrateBps],
  ['stream_pictures_per_second', 'gauge', 'Picture rate over the last seconds', ({ fps }) => fps],
  ['stream_recording', 'gauge', 'Whether a segment is being written', ({ recording }) => Number(recording)],
];
const agentFamilies: readonly Family<MetricsSource>[] = [
  ['viewers', 'gauge', 'Live viewers', ({ viewers }) => viewers],
  ['shard_restarts_total', 'counter', 'Threads that died and came back', ({ shardRestarts }) => shardRestarts],
  ['agent_memory_bytes', 'gauge', 'Resident memory of the agent', () => process.memoryUsage.rss()],
  ['agent_cpu_seconds_total', 'counter', 'Processor time of the agent', () => cpuSeconds()],
];

/** Prometheus text, version 0.0.4. Names end in their unit. */
export function writeMetrics(source: MetricsSource): string {
  const reports = [...source.reports];
  const ofStreams = reports.flatMap(({ id, streams }) =>
    streams.map((stream) => ({ labels: { camera: id, stream: stream.name }, of: stream })),
  );
  const ofCameras = reports.map((report) => ({ labels: { camera: report.id }, of: report }));
  const damage = reports.flatMap(({ id, damage: counts }) =>
    Object.entries(counts).map(([reason, value]) => ({ labels: { camera: id, reason }, value })),
  );
  const used = reports.map(({ id }) => ({ labels: { camera: id }, value: source.usedBytes(id) }));
  return [
    ...cameraFamilies.map((family) => writeFamily(family, toSamples(family, ofCameras))),
    writeFamily(['camera_used_bytes', 'gauge', 'Footage kept'], used),
    writeFamily(['camera_damage_total', 'counter', 'Damage seen in what the camera sent'], damage),
    ...streamFamilies.map((family) => writeFamily(family, toSamples(family, ofStreams))),
    ...agentFamilies.map((family) => writeFamily(family, toSamples(family, [{ labels: {}, of: source }]))),
  ].join('');
}

function toSamples<Of>(family: Family<Of>, all: readonly { labels: Sample['labels']; of: Of }[]): Sample[] {
  return all.map(({ labels, of }) => ({ labels, value: family[3](of) }));
}

function writeFamily(
  [name, type, help]: readonly [string, string, string, ...unknown[]],
  samples: readonly Sample[],
): string {
  const lines = samples.map(({ labels, value }) => {
    const list = Object.entries(labels).map(([key, text]) => `${key}="${text.replaceAll(/["\\\n]/g, '\\$&')}"`);
    return `porchlight_${name}${list.length > 0 ? `{${list.join(',')}}` : ''} ${value}\n`;
  });
  return `# HELP porchlight_${name} ${help}\n# TYPE porchlight_${name} ${type}\n${lines.join('')}`;
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
