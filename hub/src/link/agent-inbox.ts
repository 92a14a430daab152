import type { Clock } from '@porchlight/base/clock';
import type { Log } from '@porchlight/base/log';
import {
  answerSchema,
  cameraReportSchema,
  looseReportSchema,
  presenceSchema,
  type Presence,
} from '@porchlight/contract/agent';
import { alarmReportSchema } from '@porchlight/contract/alarms';
import type { Change } from '@porchlight/contract/changes';
import { storageStatusSchema } from '@porchlight/contract/storage';
import type { AgentId } from '@porchlight/contract/ids';
import { headsSchema } from '@porchlight/contract/proof';
import { maxPayloadBytes } from '@porchlight/contract/topics';
import type { Alarms } from '#alarms';
import type { Store } from '#store';
import type { Witness } from '#witness';
import type { AgentLink } from './agent-link.ts';
import type { Commands } from './commands.ts';
import { writeEnvelope } from './envelope.ts';
import { writeStorageStatus } from './storage-settings.ts';

/** What an agent may say. */
export type InboxTopic = 'presence' | 'report' | 'answer' | 'proof' | 'alarm';

export type AgentInboxOptions = {
  readonly store: Store;
  readonly commands: Commands;
  readonly alarms: Alarms;
  /** Writes down how far agents' records have come; what it says goes back by the link. */
  readonly witness: Pick<Witness, 'take'>;
  readonly link: AgentLink;
  readonly clock: Clock;
  readonly log: Log;
  /** After each hello: send what the agent should have, as a revision above the one it says it has. */
  onHello(agent: AgentId, revision: number): Promise<void>;
  onChange(change: Change): void;
  /** An agent has said something; `saidMs` is what its clock showed, where it says. */
  onHeard?(agent: AgentId, saidMs: number | undefined): void;
};

/** The door by which agents' messages come in. What they say is data: parsed, bounded, and only about their own cameras. */
export type AgentInbox = {
  /** Takes one message from an agent whose certificate was checked. Bad ones are dropped with a line in the log. */
  receive(agent: AgentId, topic: InboxTopic, payload: Uint8Array): Promise<void>;
};

/** Opens the inbox over a store. */
export function openAgentInbox(options: AgentInboxOptions): AgentInbox {
  const { log } = options;
  return {
    async receive(agent, topic, payload) {
      const value = parseJson(payload);
      const saidMs = (value as { atMs?: unknown } | undefined | null)?.atMs;
      options.onHeard?.(agent, typeof saidMs === 'number' ? saidMs : undefined);
      const trouble = await takers[topic](options, agent, value);
      if (trouble !== undefined) log.warn('dropped what an agent said', { agent, topic, trouble });
    },
  };
}

/** Takes a value; gives the trouble when it is not as the contract has it. */
type Taker = (options: AgentInboxOptions, agent: AgentId, value: unknown) => Promise<string | undefined>;
const takers: Readonly<Record<InboxTopic, Taker>> = {
  presence: takePresence,
  report: takeReport,
  answer: takeAnswer,
  proof: takeHeads,
  alarm: takeAlarms,
};

/** Where a value differs from the contract, without the value: it may hold anything. */
function toTrouble(error: { readonly issues: readonly { path: PropertyKey[]; message: string }[] }): string {
  const issue = error.issues[0];
  return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not as expected'}`.slice(0, 200);
}

async function takePresence(options: AgentInboxOptions, agent: AgentId, value: unknown): Promise<string | undefined> {
  const parsed = presenceSchema.safeParse(value);
  if (!parsed.success) return toTrouble(parsed.error);
  const { online, sealingKey, version, revision }: Presence['body'] = parsed.data.body;
  await setPresence(options, agent, {
    online,
    ...(sealingKey === undefined ? {} : { sealingKey }),
    ...(version === undefined ? {} : { version }),
  });
  if (!online) return undefined;
  await options.onHello(agent, revision ?? 0);
  await options.commands.resend(agent);
  return undefined;
}

type PresenceFacts = { readonly online: boolean; readonly sealingKey?: string; readonly version?: string };

/** Notes that an agent is there or gone, dated by the hub's own clock, and tells the pages about its cameras. */
export async function setPresence(
  options: Pick<AgentInboxOptions, 'store' | 'clock' | 'onChange'>,
  agent: AgentId,
  facts: PresenceFacts,
): Promise<void> {
  const before = await options.store.findAgent(agent);
  await options.store.setPresence(agent, { ...facts, atMs: options.clock.nowMs() });
  if (before?.online !== facts.online) options.onChange({ topic: 'cameras' });
}

async function takeReport(options: AgentInboxOptions, agent: AgentId, value: unknown): Promise<string | undefined> {
  const parsed = looseReportSchema.safeParse(value);
  if (!parsed.success) return toTrouble(parsed.error);
  const atMs = options.clock.nowMs();
  let trouble = await takeStorage(options, agent, parsed.data.body.storage);
  for (const one of parsed.data.body.cameras) {
    const { data: report, error } = cameraReportSchema.safeParse(one);
    if (error) trouble ??= toTrouble(error);
    if (!report) continue;
    const camera = await options.store.findCamera(report.id);
    if (camera?.agentId !== agent) continue;
    const before = report.lastEvent && (await options.store.findReport(report.id));
    await options.store.putReport({ agentId: agent, atMs, report });
    if (JSON.stringify(before?.report.lastEvent) !== JSON.stringify(report.lastEvent))
      options.onChange({ topic: 'events', id: report.id });
    options.onChange({ topic: 'camera', id: report.id });
  }
  return trouble;
}

async function takeStorage(options: AgentInboxOptions, agent: AgentId, value: unknown): Promise<string | undefined> {
  if (value === undefined) return undefined;
  const { data: status, error } = storageStatusSchema.safeParse(value);
  if (error) return toTrouble(error);
  if (await writeStorageStatus(options.store, agent, status)) options.onChange({ topic: 'storage' });
  return undefined;
}

async function takeAnswer(options: AgentInboxOptions, agent: AgentId, value: unknown): Promise<string | undefined> {
  const parsed = answerSchema.safeParse(value);
  if (!parsed.success) return toTrouble(parsed.error);
  const { command, ok, result, error } = parsed.data.body;
  const answer = {
    ok,
    ...(result === undefined ? {} : { result }),
    ...(error === undefined ? {} : { error: toApiError(error) }),
    atMs: options.clock.nowMs(),
  };
  if (await options.store.answerCommand(command, agent, answer)) options.commands.wake(command);
  return undefined;
}

async function takeAlarms(options: AgentInboxOptions, agent: AgentId, value: unknown): Promise<string | undefined> {
  const parsed = alarmReportSchema.safeParse(value);
  if (!parsed.success) return toTrouble(parsed.error);
  return options.alarms.take(agent, parsed.data.body);
}

async function takeHeads(options: AgentInboxOptions, agent: AgentId, value: unknown): Promise<string | undefined> {
  const parsed = headsSchema.safeParse(value);
  if (!parsed.success) return toTrouble(parsed.error);
  const told = await options.witness.take(agent, parsed.data.body);
  if ('trouble' in told) return told.trouble;
  await options.link.send(agent, 'witness', writeEnvelope(told, options.clock.nowMs()));
  return undefined;
}

type ErrorFields = { fix?: string | undefined; reason?: string | undefined };

function toApiError<E extends ErrorFields>({ fix, reason, ...rest }: E) {
  return { ...rest, ...(fix === undefined ? {} : { fix }), ...(reason === undefined ? {} : { reason }) };
}

function parseJson(payload: Uint8Array): unknown {
  if (payload.length > maxPayloadBytes) return undefined;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload)) as unknown;
  } catch {
    return undefined;
  }
}
