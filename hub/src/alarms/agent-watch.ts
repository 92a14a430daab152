import type { Clock } from '@porchlight/base/clock';
import { openHysteresis, type Hysteresis, type HysteresisRule, type Moment } from '@porchlight/base/hysteresis';
import type { Log } from '@porchlight/base/log';
import type { AlarmId, AlarmSeverity } from '@porchlight/contract/alarms';
import type { AgentId } from '@porchlight/contract/ids';
import type { AgentRow, Store } from '#store';
import type { Alarms } from './alarms.ts';

export type AgentWatchOptions = {
  readonly store: Store;
  readonly alarms: Alarms;
  readonly clock: Clock;
  readonly log: Log;
};

/** Watches over agents where the hub is a process: its last will or its silence tells. */
export type AgentWatch = {
  /** An agent has said something; `saidMs` is what its clock showed. */
  heard(agent: AgentId, saidMs: number | undefined): void;
  close(): void;
};

const lookMs = 1000;
/** After the hub's start agents get this long to call. */
const firstHelloMs = 10_000;
/** A connected agent says something every 10 s. */
const silentMs = 30_000;
const clockOffMs = 5_000;

type AgentKind = 'agent-silent' | 'agent-clock';
type Rule = HysteresisRule & {
  readonly severity: AlarmSeverity;
  readonly message: string;
  readonly fix: string;
};

/** With looks every second an agent that is gone is said within 10 s; one that is started again in time is not. */
const rules: Readonly<Record<AgentKind, Rule>> = {
  'agent-silent': {
    raiseAfterMs: 7_000,
    clearAfterMs: 5_000,
    severity: 'critical',
    message: 'The agent does not answer: nothing may be recorded.',
    fix: 'On one box it is started again by itself; if it stays, restart Porchlight. Elsewhere: is that machine on, and does its network reach this hub?',
  },
  'agent-clock': {
    raiseAfterMs: 60_000,
    clearAfterMs: 60_000,
    severity: 'warning',
    message: 'The clocks of the agent and of this hub differ: recordings are dated by the agent’s.',
    fix: 'Let both machines take their time from a time server (NTP).',
  },
};

type Line = { readonly line: Hysteresis; id: AlarmId | undefined };

/** Opens the watch; alarms that stood when the hub ended go on. */
export function openAgentWatch(options: AgentWatchOptions): AgentWatch {
  const { clock, log } = options;
  const watch = new Watch(options);
  let looking = false;
  const timer = clock.every(lookMs, () => {
    if (looking) return;
    looking = true;
    watch
      .look()
      .catch((error: unknown) => log.error('Could not look after the agents', { error }))
      .finally(() => (looking = false));
  });
  return { heard: (agent, saidMs) => watch.heard(agent, saidMs), close: () => timer.cancel() };
}

class Watch {
  readonly #options: AgentWatchOptions;
  readonly #startedMs: number;
  readonly #heardMs = new Map<AgentId, number>();
  readonly #offMs = new Map<AgentId, number>();
  readonly #lines = new Map<string, Line>();
  #resumed = false;

  constructor(options: AgentWatchOptions) {
    this.#options = options;
    this.#startedMs = options.clock.monotonicMs();
  }

  heard(agent: AgentId, saidMs: number | undefined): void {
    const { clock } = this.#options;
    this.#heardMs.set(agent, clock.monotonicMs());
    if (saidMs !== undefined) this.#offMs.set(agent, saidMs - clock.nowMs());
  }

  async look(): Promise<void> {
    const { store, clock } = this.#options;
    if (!this.#resumed) await this.#resume();
    const now = { monotonicMs: clock.monotonicMs(), wallMs: clock.nowMs() };
    if (now.monotonicMs - this.#startedMs < firstHelloMs) return;
    for (const agent of await store.listAgents()) {
      const silent = this.#isSilent(agent, now);
      await this.#follow(agent.id, 'agent-silent', { ok: !silent, now });
      const off = this.#offMs.get(agent.id);
      if (!silent && off !== undefined) {
        await this.#follow(agent.id, 'agent-clock', { ok: Math.abs(off) < clockOffMs, now });
      }
    }
  }

  #isSilent({ id, online }: AgentRow, { monotonicMs }: Moment): boolean {
    return !online || monotonicMs - (this.#heardMs.get(id) ?? this.#startedMs) >= silentMs;
  }

  async #resume(): Promise<void> {
    this.#resumed = true;
    const { store, clock } = this.#options;
    for (const { id, agentId, kind, startMs } of await store.listOpenAlarms()) {
      if (kind !== 'agent-silent' && kind !== 'agent-clock') continue;
      const since = { monotonicMs: clock.monotonicMs(), wallMs: startMs };
      this.#lines.set(`${kind} ${agentId}`, { line: openHysteresis(rules[kind], since), id });
    }
  }

  async #follow(agentId: AgentId, kind: AgentKind, { ok, now }: { ok: boolean; now: Moment }): Promise<void> {
    const key = `${kind} ${agentId}`;
    let one = this.#lines.get(key);
    if (!one) {
      if (ok) return;
      this.#lines.set(key, (one = { line: openHysteresis(rules[kind]), id: undefined }));
    }
    one.line.note(ok, now);
    const { sinceMs = now.wallMs } = one.line;
    const { alarms, log } = this.#options;
    const became = one.line.settle(now);
    if (became === 'raised') {
      const { severity, message, fix } = rules[kind];
      log.warn('Alarm', { kind, agent: agentId });
      one.id = await alarms.raise({ agentId, kind, severity, startMs: sinceMs, message, fix });
    } else if (became !== undefined) {
      this.#lines.delete(key);
      if (one.id !== undefined) await alarms.end(one.id, one.line.wellSinceMs ?? now.wallMs);
    }
  }
}
