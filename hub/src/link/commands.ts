import { randomBytes } from 'node:crypto';
import type { Clock } from '@porchlight/base/clock';
import type { CommandVerb } from '@porchlight/contract/agent';
import { commandIdSchema, type AgentId, type CommandId } from '@porchlight/contract/ids';
import type { CommandRow, Store } from '#store';
import type { AgentLink } from './agent-link.ts';
import { writeEnvelope } from './envelope.ts';

export type Question = {
  readonly agent: AgentId;
  readonly verb: CommandVerb;
  readonly args: Readonly<Record<string, unknown>>;
  readonly lifetimeMs: number;
  readonly createdBy: string;
};

/** Questions put to agents. A question is a row; its answer enters by another door, maybe of another process. */
export type Commands = {
  /** Stores the question and hands it to the link. */
  ask(question: Question): Promise<CommandRow>;
  /** The row once it is answered, expired or `waitMs` have passed; undefined when there is none. */
  wait(id: CommandId, waitMs: number): Promise<CommandRow | undefined>;
  /** Sends again what this agent has not answered. */
  resend(agent: AgentId): Promise<void>;
  /** Wakes those who wait in this process for an answer that was just stored. */
  wake(id: CommandId): void;
};

export type CommandsOptions = {
  readonly store: Store;
  readonly link: AgentLink;
  readonly clock: Clock;
  /**
   * `woken`: answers arrive at this process, `wake` is called for each. `polled`: they may arrive at another one, so the row is read again.
   */
  readonly answers: 'woken' | 'polled';
};

const pollMs = 250;
/** Expired rows are kept this long for those who still ask for them. */
const keptMs = 3_600_000;

/** Opens the questions over a store and a link. */
export function openCommands(options: CommandsOptions): Commands {
  const { store, link, clock } = options;
  const waiting = new Map<CommandId, Set<() => void>>();

  const send = (row: CommandRow): Promise<void> => {
    const { id: command, agentId: agent, verb, args, expiresMs } = row;
    return link.send(agent, 'command', writeEnvelope({ command, agent, verb, args, expiresMs }, clock.nowMs()));
  };
  const isOpen = (row: CommandRow | undefined): row is CommandRow =>
    row !== undefined && row.state === 'waiting' && row.expiresMs > clock.nowMs();
  const pause = (id: CommandId, delayMs: number): Promise<void> =>
    new Promise((resolve) => {
      const wakers = waiting.get(id) ?? new Set();
      const done = (): void => {
        timer.cancel();
        wakers.delete(done);
        if (wakers.size === 0) waiting.delete(id);
        resolve();
      };
      const timer = clock.after(delayMs, done);
      waiting.set(id, wakers.add(done));
    });

  return {
    async ask(question) {
      const nowMs = clock.nowMs();
      const row: CommandRow = {
        id: commandIdSchema.parse(randomBytes(16).toString('hex')),
        agentId: question.agent,
        verb: question.verb,
        args: question.args,
        createdMs: nowMs,
        createdBy: question.createdBy,
        expiresMs: nowMs + question.lifetimeMs,
        state: 'waiting',
      };
      await store.forgetExpired(nowMs - keptMs);
      await store.addCommand(row);
      await send(row);
      return row;
    },
    async wait(id, waitMs) {
      const untilMs = clock.monotonicMs() + waitMs;
      let row = await store.findCommand(id);
      while (isOpen(row)) {
        const leftMs = Math.min(untilMs - clock.monotonicMs(), row.expiresMs - clock.nowMs());
        if (leftMs <= 0) break;
        await pause(id, options.answers === 'polled' ? Math.min(pollMs, leftMs) : leftMs);
        row = await store.findCommand(id);
      }
      return row;
    },
    async resend(agent) {
      for (const row of await store.listWaitingCommands(agent, clock.nowMs())) await send(row);
    },
    wake: (id) => [...(waiting.get(id) ?? [])].forEach((waker) => waker()),
  };
}
