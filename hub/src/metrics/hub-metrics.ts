import type { Alarm } from '@porchlight/contract/alarms';
import { cameraStatusSchema, type Camera } from '@porchlight/contract/camera';
import { writeExposition, type Metric, type MetricDescription, type Sample } from '@porchlight/base/metrics';

/** What the hub's metrics are made from. */
export type HubMetricsSource = {
  readonly cameras: readonly Camera[];
  /** Alarms that stand. */
  readonly alarms: readonly Alarm[];
  /** Where the hub is a process: agents connected, pages listening, whether the agent beside it answers. */
  readonly process?: { readonly agents: number; readonly pages: number; readonly agentUp: boolean } | undefined;
};

type Family = MetricDescription & { readonly samples: (source: HubMetricsSource) => readonly Sample[] };

const family = (
  [name, type, help]: readonly [string, 'gauge' | 'counter', string],
  labels: readonly string[],
  samples: Family['samples'],
): Family => ({ name: `porchlight_${name}`, type, help, labels, samples });

const ofProcess = (
  [name, type, help]: readonly [string, 'gauge' | 'counter', string],
  value: (facts: NonNullable<HubMetricsSource['process']>) => number,
): Family => family([name, type, help], [], ({ process: facts }) => (facts ? [{ value: value(facts) }] : []));

const families: readonly Family[] = [
  family(['hub_cameras', 'gauge', 'Cameras by status'], ['status'], ({ cameras }) =>
    cameraStatusSchema.options.map((status) => ({
      labels: { status },
      value: cameras.filter((camera) => camera.state.status === status).length,
    })),
  ),
  family(['alarms_open', 'gauge', 'Alarms that stand, by kind'], ['kind', 'severity'], ({ alarms }) =>
    [...Map.groupBy(alarms, ({ kind, severity }) => `${kind} ${severity}`)].map(([key, group]) => {
      const [kind = '', severity = ''] = key.split(' ');
      return { labels: { kind, severity }, value: group.length };
    }),
  ),
  family(['alarms_unseen', 'gauge', 'Alarms that stand and nobody has acknowledged'], [], ({ alarms }) => [
    { value: alarms.filter(({ acknowledgedMs }) => acknowledgedMs === undefined).length },
  ]),
  ofProcess(['hub_agents_connected', 'gauge', 'Agents connected to the broker'], ({ agents }) => agents),
  ofProcess(['hub_pages', 'gauge', 'Pages listening for changes'], ({ pages }) => pages),
  ofProcess(['hub_agent_up', 'gauge', 'Whether the agent beside the hub answers'], ({ agentUp }) => Number(agentUp)),
  ofProcess(['hub_memory_bytes', 'gauge', 'Resident memory of the hub'], () => process.memoryUsage.rss()),
  ofProcess(['hub_cpu_seconds_total', 'counter', 'Processor time of the hub'], () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  }),
];

/** Every metric of the hub, for the reference. */
export const hubMetrics: readonly MetricDescription[] = families;

/** The hub's metrics as Prometheus text. */
export function writeHubMetrics(source: HubMetricsSource): string {
  return writeExposition(families.map((one): Metric => ({ ...one, samples: one.samples(source) })));
}
