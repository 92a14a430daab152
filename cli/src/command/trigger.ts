import { parseArgs } from 'node:util';
import { UsageError } from '#start';
import { triggeredSchema, triggerSchema } from '@porchlight/contract/events';
import { cameraIdSchema } from '@porchlight/contract/ids';
import { openHouse } from './house.ts';

export const triggerHelp = `porchlight trigger CAMERA [options]   Something happened: keep what the camera sees around it as an event.

  CAMERA                    its id, as in the address of its page
  --kind WORD               what it was: motion, doorbell, … (default manual)
  --label TEXT              for people
  --lasting                 it goes on until porchlight trigger CAMERA --end EVENT, or the longest event is over
  --end EVENT               a lasting one is over
  --data DIR                data folder of the house (default ./data)
  Prints the event's id. Exit codes: 0 it is recorded, 1 it is not, 2 bad use.`;

/** Triggers, or ends, an event of the running house. */
export async function triggerEvent(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      data: { type: 'string' },
      kind: { type: 'string', default: 'manual' },
      label: { type: 'string' },
      lasting: { type: 'boolean', default: false },
      end: { type: 'string' },
    },
  });
  const camera = cameraIdSchema.safeParse(positionals[0]);
  if (!camera.success || positionals.length !== 1)
    throw new UsageError('Name a camera: porchlight trigger front-door --kind doorbell');
  const { kind, label, lasting, end } = values;
  const trigger = triggerSchema.safeParse({ kind, lasting, ...(label === undefined ? {} : { label }) });
  if (!trigger.success) throw new UsageError(trigger.error.issues[0]?.message ?? 'This is no trigger.');
  const path = `/api/cameras/${camera.data}/triggers`;
  const house = openHouse(values.data);
  const response =
    end === undefined
      ? await house.fetch(path, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(trigger.data),
        })
      : await house.fetch(`${path}/${encodeURIComponent(end)}/end`, { method: 'POST' });
  const { event, recording, message } = triggeredSchema.parse(await response.json());
  process.stdout.write(`${event.id}\n`);
  if (message !== undefined) process.stderr.write(`${message}\n`);
  return recording ? 0 : 1;
}
