import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { fsck } from '#fsck';
import { day, House, midnight, porch, yard } from '#testing';
import { openFakeVolume, toVolumeSet } from '#volume';
import { openFakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { eventIdSchema, type ListedEvent } from '@porchlight/contract/events';
import { EventFiles, parseEventLines, readEventFiles, type EventRow } from './index.ts';

const event = (id: string, fromMs: number, more: Partial<EventRow> = {}): EventRow => ({
  ...{ id: eventIdSchema.parse(id), camera: yard, trigger: 'motion', triggers: 1 },
  ...{ atMs: fromMs + 10_000, fromMs, toMs: fromMs + 20_000, ...more },
});

const dayOf = { fromMs: midnight, toMs: midnight + day };

/** Three minutes of footage with two events, one of which grows; then the agent ends. */
async function record(house: House): Promise<ListedEvent[]> {
  const archive = await house.start();
  const feed = house.record(yard);
  await feed.play(30_000);
  archive.note({ kind: 'event', ...event('e1', midnight + 40_000, { label: 'Gate' }) });
  await feed.play(60_000);
  archive.note({
    kind: 'event',
    ...event('e1', midnight + 40_000, { label: 'Gate', toMs: midnight + 90_000, triggers: 3 }),
  });
  archive.note({ kind: 'event', ...event('e2', midnight + 120_000) });
  await feed.play(90_000);
  await house.recorder.close();
  await archive.reconciled;
  await archive.close();
  const again = await house.start();
  const known = again.listEvents(yard, dayOf);
  await again.reconciled;
  await again.close();
  assert.equal(known.length, 2);
  return known;
}

const loseIndex = (house: House): void => {
  for (const end of ['', '-wal', '-shm']) rmSync(join(house.folder.path, `index.sqlite${end}`), { force: true });
};

test('an agent that has lost its index finds its events again beside the footage', async () => {
  using house = new House();
  const known = await record(house);
  loseIndex(house);
  const archive = await house.start();
  await archive.reconciled;
  assert.deepEqual(archive.listEvents(yard, dayOf), known);
  await archive.close();
});

test('an index made from files alone has the events, and footage of their time has their class', async () => {
  using house = new House();
  const known = await record(house);
  loseIndex(house);
  const { clock, log, volume } = house;
  const volumes = toVolumeSet(volume);
  const { left } = await fsck({ folder: house.folder.path, volumes, clock, log, what: 'rebuild-index', deep: false });
  assert.deepEqual(left!.unknown, [], 'files of events are no strangers');
  const archive = await house.start();
  await archive.reconciled;
  assert.deepEqual(archive.listEvents(yard, dayOf), known);
  const rows = archive.listSegments(yard, 'main', dayOf) as readonly { readonly class?: string }[];
  assert.deepEqual(new Set(rows.map((row) => row.class)), new Set(['continuous', 'event']));
  await archive.close();
});

test('whatever is cut off the end of a file, the events before it are read, each as it was last', () => {
  const line = ({ id, camera, trigger, atMs, fromMs, toMs, triggers }: EventRow): string =>
    JSON.stringify({ id, camera, trigger, atMs, fromMs, toMs, triggers });
  const rows = [event('a', 1000), event('b', 5000), event('a', 1000, { toMs: 90_000, triggers: 2 }), event('c', 9000)];
  const texts = rows.map((row) => `\n${line(row)}\n`);
  const text = texts.join('');
  fc.assert(
    fc.property(fc.nat(text.length), (length) => {
      let whole = 0;
      // The line's own end is not needed.
      for (let at = 0; whole < texts.length && at + texts[whole]!.length - 1 <= length; at += texts[whole - 1]!.length)
        whole++;
      const last = new Map(rows.slice(0, whole).map((row) => [row.id, row]));
      assert.deepEqual(parseEventLines(text.slice(0, length)), [...last.values()]);
    }),
  );
  fc.assert(fc.property(fc.string(), (any) => void parseEventLines(any)));
});

test('an event is written within seconds, what it grows by at leisure, and files go with the footage of their day', async () => {
  const [clock, log, volume] = [openFakeClock(midnight), openFakeLog(), openFakeVolume()];
  const volumes = toVolumeSet(volume);
  let oldestMs = midnight;
  const files = new EventFiles({ volumes, clock, log, oldestMs: (camera) => (camera === yard ? oldestMs : midnight) });
  const listed = async (): Promise<string[]> => {
    const found: string[] = [];
    for await (const { id, triggers } of readEventFiles(volumes)) found.push(`${id} ${triggers}`);
    return found;
  };
  files.note(event('e1', midnight));
  await clock.advance(2_000);
  assert.deepEqual(await listed(), ['e1 1']);
  for (let triggers = 2; triggers < 20; triggers++) {
    files.note(event('e1', midnight, { triggers }));
    await clock.advance(1_000);
  }
  assert.deepEqual(await listed(), ['e1 1']);
  await clock.advance(30_000);
  assert.deepEqual(await listed(), ['e1 19']);
  oldestMs = midnight + 5 * day;
  files.note(event('e2', midnight + 5 * day));
  files.note(event('p1', midnight, { camera: porch }));
  await files.close();
  assert.deepEqual(await listed(), ['p1 1', 'e2 1']);
  await files.forgetCamera(porch);
  assert.deepEqual(await listed(), ['e2 1']);
  assert.deepEqual(log.lines, []);
});

test('a disk that does not take events loses none of them', async () => {
  const [clock, log, volume] = [openFakeClock(midnight), openFakeLog(), openFakeVolume()];
  const volumes = toVolumeSet(volume);
  volume.failAfterBytes = 0;
  const files = new EventFiles({ volumes, clock, log, oldestMs: () => undefined });
  files.note(event('e1', midnight));
  await clock.advance(2_000);
  await clock.advance(30_000);
  await files.close();
  const found: EventRow[] = [];
  for await (const row of readEventFiles(volumes)) found.push(row);
  assert.deepEqual(found, [event('e1', midnight)]);
  assert.match(log.lines.map(({ message }) => message).join(), /^Could not write events/);
});
