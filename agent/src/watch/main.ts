import { systemClock as clock } from '@porchlight/base/clock';
import { toHouseError } from '@porchlight/base/errors';
import { openFfmpegDecoder } from './decode-ffmpeg.ts';
import { openNodeAvDecoder } from './decode-node-av.ts';
import type { FromWatcher, ToWatcher } from './messages.ts';

/**
 * The watcher's process: the only one with native decoders. Takes pictures over IPC, one at a time, and answers each.
 * It may crash without hurting: the agent starts it again. It ends when the agent does.
 */
async function main(): Promise<void> {
  const send = (message: FromWatcher): void => void process.send?.(message);
  const decode = (await openNodeAvDecoder()) ?? openFfmpegDecoder({ command: 'ffmpeg', clock });
  let before: Promise<void> = Promise.resolve();
  process.on('message', ({ id, picture }: ToWatcher) => {
    before = before.then(async () => {
      try {
        send({ kind: 'jpeg', id, jpeg: await decode(picture) });
      } catch (thrown) {
        const { kind, message, fix } = toHouseError(thrown);
        send({ kind: 'failure', id, error: { kind, message, ...(fix === undefined ? {} : { fix }) } });
      }
    });
  });
  process.once('disconnect', () => process.exit(0));
  send({ kind: 'ready' });
}

// A terminal's Ctrl-C reaches the whole group; the agent decides when the watcher ends.
process.on('SIGINT', () => undefined);
await main();
