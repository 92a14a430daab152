import type { Clock } from '@porchlight/base/clock';
import { HouseError, toHouseError } from '@porchlight/base/errors';
import type { Log } from '@porchlight/base/log';
import { commandSchema, type CommandVerb } from '@porchlight/contract/agent';
import type { AgentId } from '@porchlight/contract/ids';

export type CommandRunnerOptions = {
  readonly clock: Clock;
  readonly log: Log;
  run(verb: CommandVerb, args: Readonly<Record<string, unknown>>): Promise<unknown>;
  answer(body: object): void;
};

/** So many answers are kept for questions that are asked again. */
const keptAnswers = 200;

/** Runs each command once, however often it arrives, and answers each time it is asked. */
export function openCommandRunner(options: CommandRunnerOptions) {
  const { clock, log } = options;
  const answers = new Map<string, object | undefined>();

  const runOnce = async (id: string, verb: CommandVerb, args: Record<string, unknown>): Promise<void> => {
    let answer: object;
    try {
      answer = { command: id, ok: true, result: await options.run(verb, args) };
    } catch (thrown) {
      const error = toHouseError(thrown);
      if (!(thrown instanceof HouseError)) log.error('a command failed', { verb, error: thrown });
      const fix = error.fix === undefined ? {} : { fix: error.fix };
      answer = { command: id, ok: false, error: { kind: error.kind, message: error.message, ...fix } };
    }
    answers.set(id, answer);
    const oldest = answers.keys().next().value;
    if (answers.size > keptAnswers && oldest !== undefined) answers.delete(oldest);
    options.answer(answer);
  };
  return {
    /** Takes one message; what makes no sense, is not for us or has expired is dropped. */
    take(agentId: AgentId, payload: Uint8Array): void {
      const parsed = commandSchema.safeParse(parseJson(payload));
      if (!parsed.success || parsed.data.body.agent !== agentId) {
        log.warn('dropped a command that makes no sense', { sizeBytes: payload.length });
        return;
      }
      const { command, verb, args, expiresMs } = parsed.data.body;
      if (expiresMs <= clock.nowMs()) return;
      const known = answers.get(command);
      if (known) options.answer(known);
      if (answers.has(command)) return;
      answers.set(command, undefined);
      void runOnce(command, verb, args);
    },
  };
}

function parseJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString()) as unknown;
  } catch {
    return undefined;
  }
}
