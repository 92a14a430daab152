import { drawBarChart, type Bar } from './bar-chart.ts';
import { drawLineChart, type LineChart } from './line-chart.ts';
import { curveSchema, indexSchema, recordSchema, type Curve, type IndexAnswers, type Recorded } from './results.ts';

/** Bounds of the recorder's budget. */
const cpuPercentPerCamera = 0.15;
const mibPerCamera = 1.5e6 / 2 ** 20;
const queryMs = 10;

type Origin = Pick<Curve, 'takenAt' | 'machine'>;
const toSource = ({ takenAt, machine: { cores, memoryGiB } }: Origin, command: string): string =>
  `${command}, ${takenAt}; ${cores} shared cores, ${memoryGiB} GiB. Cameras of 1080p25, 2 Mbit/s, RTSP over TCP.`;

export type Picture = {
  readonly name: string;
  readonly svg: string;
  /** What it shows, in a sentence. */
  readonly caption: string;
};

/** Pictures from the names and contents of result files. Throws when a file is not what its benchmark writes. */
export function drawPictures(results: ReadonlyMap<string, unknown>): readonly Picture[] {
  const curve = results.get('curve.json');
  const records = [...results].filter(([name]) => name.startsWith('record-'));
  const index = results.get('index.json');
  return [
    ...(records.length === 0 ? [] : drawRecords(records.map(([, content]) => recordSchema.parse(content)))),
    ...(curve === undefined ? [] : drawCurve(curveSchema.parse(curve))),
    ...(index === undefined ? [] : [drawIndex(indexSchema.parse(index))]),
  ];
}

function drawCurve(curve: Curve): Picture[] {
  const { points } = curve.figures;
  const chart = (title: string, yLabel: string, read: (point: (typeof points)[number]) => number): LineChart => ({
    ...{ title, yLabel, xLabel: 'Cameras (number)', source: toSource(curve, 'bench/curve.ts') },
    hollowMeans: 'not sustained on this machine, load generator included',
    points: points.map((point) => ({ x: point.cameras, y: read(point), hollow: point.trouble !== undefined })),
  });
  const cpu = chart('CPU of the agent while it records', 'CPU (% of one core)', ({ cpuPercent }) => cpuPercent);
  const memory = chart('Memory of the agent while it records', 'Memory (PSS, MiB)', ({ pssMiB }) => pssMiB);
  const first = points[0]!;
  const more = {
    label: '1.5 MB for each further camera',
    at: (x: number) => first.pssMiB + (x - first.cameras) * mibPerCamera,
  };
  const share = { label: `${cpuPercentPerCamera} % for each camera`, at: (x: number) => x * cpuPercentPerCamera };
  return [
    {
      name: 'cost-cpu.svg',
      svg: drawLineChart({ ...cpu, bound: share }),
      caption: 'What recording costs in CPU by number of cameras, no viewers.',
    },
    {
      name: 'cost-memory.svg',
      svg: drawLineChart({ ...memory, bound: more }),
      caption: 'What recording costs in memory by number of cameras, no viewers.',
    },
  ];
}

function drawRecords(unsorted: readonly Recorded[]): Picture[] {
  const records = unsorted.toSorted((one, other) => one.figures.cameras - other.figures.cameras);
  const newest = records.toSorted((one, other) => (one.takenAt < other.takenAt ? 1 : -1))[0]!;
  const toBars = (read: {
    own: (one: Recorded) => number;
    peer: (one: Recorded['figures']['peers'][number]) => number;
  }): Bar[] => [
    ...records.map((one) => ({ label: `Porchlight, ${one.figures.cameras} cameras`, value: read.own(one), own: true })),
    ...records.flatMap((one) =>
      one.figures.peers.map((peer) => ({
        label: `${peer.peer}, ${peer.cameras} (beside ${one.figures.cameras})`,
        value: read.peer(peer),
        own: false,
      })),
    ),
  ];
  const source = toSource(newest, 'bench/record.ts');
  const cpu = toBars({
    own: ({ figures }) => figures.agent.cpuPercentPerCamera.median,
    peer: (peer) => peer.cpuPercentPerCamera.median,
  });
  const memory = toBars({
    own: ({ figures }) => figures.agent.pssMiB.median / figures.cameras,
    peer: (peer) => peer.pssMiBPerCamera.median,
  });
  const title = (what: string): string => `${what} to record a camera`;
  const label = (what: string): string => `${what}, median of the runs`;
  return [
    {
      name: 'record-cpu.svg',
      svg: drawBarChart({
        title: title('CPU'),
        valueLabel: label('CPU per camera (% of one core)'),
        bars: cpu,
        source,
      }),
      caption: 'What a camera costs in CPU, and what it costs other programs in the same runs.',
    },
    {
      name: 'record-memory.svg',
      svg: drawBarChart({
        title: title('Memory'),
        valueLabel: label('Memory per camera (PSS, MiB)'),
        bars: memory,
        source,
      }),
      caption: 'What a camera costs in memory, what the program itself needs shared out among the cameras.',
    },
  ];
}

function drawIndex(index: IndexAnswers): Picture {
  const { rows, monthOfOne, dayOfAll, coverageOfMonth, hourOfSegments } = index.figures;
  const bar = (label: string, { p95Ms }: { p95Ms: number }): Bar => ({ label, value: p95Ms, own: true });
  const { takenAt, machine } = index;
  const svg = drawBarChart({
    title: `Questions to an index of ${(rows / 1e6).toFixed(1)} million files`,
    valueLabel: 'Time to answer (ms), 95th percentile',
    bars: [
      bar('A month of one camera', monthOfOne),
      bar('A day of all cameras', dayOfAll),
      bar('The days of a month summed up', coverageOfMonth),
      bar('The files of an hour', hourOfSegments),
    ],
    bound: { label: `${queryMs} ms`, value: queryMs },
    source: `bench/index.ts, ${takenAt}; ${machine.cores} shared cores, ${machine.memoryGiB} GiB.`,
  });
  return { name: 'index-queries.svg', svg, caption: 'How long the index takes to say what is recorded.' };
}
