import type { Roster } from '#roster';

export type HubMetricsOptions = {
  readonly roster: Roster;
  /** Agents connected, pages listening. */
  counts(): { readonly agents: number; readonly pages: number };
  /** The agent's own metrics, if it answers. */
  agentMetrics(): Promise<string | undefined>;
};

/** The hub's figures and the agent's, as one Prometheus text (0.0.4). */
export async function writeHubMetrics(options: HubMetricsOptions): Promise<string> {
  const [cameras, agent] = await Promise.all([options.roster.list(), options.agentMetrics()]);
  const { agents, pages } = options.counts();
  const statuses = ['starting', 'online', 'offline', 'paused', 'error'] as const;
  const lines = [
    ...family('porchlight_hub_agents_connected', 'gauge', 'Agents connected to the broker', [['', agents]]),
    ...family('porchlight_hub_pages', 'gauge', 'Pages listening for changes', [['', pages]]),
    ...family(
      'porchlight_hub_cameras',
      'gauge',
      'Cameras by status',
      statuses.map((status) => [
        `{status="${status}"}`,
        cameras.filter((camera) => camera.state.status === status).length,
      ]),
    ),
    ...family('porchlight_hub_agent_up', 'gauge', 'Whether the agent answers', [['', agent === undefined ? 0 : 1]]),
    ...family('porchlight_hub_memory_bytes', 'gauge', 'Resident memory of the hub', [['', process.memoryUsage.rss()]]),
    ...family('porchlight_hub_cpu_seconds_total', 'counter', 'Processor time of the hub', [['', cpuSeconds()]]),
  ];
  return `${lines.join('\n')}\n${agent ?? ''}`;
}

type Sample = readonly [labels: string, value: number];

function family(name: string, type: 'gauge' | 'counter', help: string, samples: readonly Sample[]): string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...samples.map(([labels, value]) => `${name}${labels} ${value}`),
  ];
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
