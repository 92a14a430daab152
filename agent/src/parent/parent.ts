import { randomUUID } from 'node:crypto';
import { claimSchema, type Claim } from '@porchlight/contract/agent';
import type { Clock } from '@porchlight/base/clock';
import { HouseError } from '@porchlight/base/errors';

/** The parts of `process` that speak with whoever started it. */
export type ParentChannel = {
  readonly connected?: boolean | undefined;
  send?: ((message: object) => unknown) | undefined;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  off(event: 'message', listener: (message: unknown) => void): unknown;
};

const answerMs = 30_000;

/** The process that started the agent, over its IPC channel. */
export type Parent = {
  /** The agent records and answers from now on. */
  sayReady(): void;
  /** Asks for a claim; throws `HouseError` unavailable when there is nobody to ask or no answer comes. */
  askForClaim(): Promise<Claim>;
};

/** Opens the parent's end; without a channel it says nothing and gives no claims. */
export function openParent(channel: ParentChannel, clock: Clock): Parent {
  return {
    sayReady() {
      if (channel.connected) channel.send?.({ kind: 'ready' });
    },
    askForClaim: () =>
      new Promise((resolve, reject) => {
        if (!channel.connected) {
          reject(
            new HouseError('unavailable', 'Nobody gives this agent a claim', {
              fix: 'Start it with `porchlight start`.',
            }),
          );
          return;
        }
        const id = randomUUID();
        const onMessage = (message: unknown): void => {
          const { kind, id: answered, claim } = message as { kind?: unknown; id?: unknown; claim?: unknown };
          if (kind !== 'claim' || answered !== id) return;
          channel.off('message', onMessage);
          late.cancel();
          const parsed = claimSchema.safeParse(claim);
          if (parsed.success) resolve(parsed.data);
          else reject(new HouseError('unavailable', 'The claim makes no sense'));
        };
        const late = clock.after(answerMs, () => {
          channel.off('message', onMessage);
          reject(new HouseError('unavailable', 'No claim came in time'));
        });
        channel.on('message', onMessage);
        channel.send?.({ kind: 'claim', id });
      }),
  };
}
