import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { IndexStore } from '#index-store';
import { eventIdSchema } from '@porchlight/contract/events';
import { cameraIdSchema } from '@porchlight/contract/ids';
import { EventBook, type EventRow } from './index.ts';

const camera = cameraIdSchema.parse('yard');
const nowMs = Date.UTC(2026, 5, 1, 12);

function openBook(): {
  book: EventBook;
  store: IndexStore;
  add: (startMs: number, endMs: number) => number;
  classes: () => string[];
} {
  const store = new IndexStore(':memory:');
  const book = new EventBook(store.db, nowMs);
  const add = (startMs: number, endMs: number): number => {
    const path = `yard/main/2026-06-01/${startMs}.mp4`;
    const of = { camera, stream: 'main' as const, path, run: 'r', startMs, startTicks: 0, clockRateHz: 90_000 };
    const id = store.insertSegment({ ...of, codecString: 'avc1', initHash: 'h' }, new Uint8Array(8));
    const closed = {
      durationTicks: 1,
      sizeBytes: 10,
      frames: 1,
      packetsLost: 0,
      sha256: 'x',
      fragments: new Uint8Array(4),
    };
    store.closeSegment({ id, endMs, ...closed });
    book.markSegment(id);
    return id;
  };
  const classes = (): string[] =>
    store.db
      .prepare('select class from segment order by start_ms')
      .all()
      .map((row) => String(row['class']));
  return { book, store, add, classes };
}

const event = (fromMs: number, toMs: number, id = 'e1'): EventRow => ({
  id: eventIdSchema.parse(id),
  camera,
  trigger: 'motion',
  atMs: fromMs + 1,
  fromMs,
  toMs,
  triggers: 1,
});
const minute = 60_000;

test('footage of an event has class event, whether the event or the end of the segment comes first', () => {
  const { book, add, classes } = openBook();
  add(nowMs, nowMs + minute);
  add(nowMs + minute, nowMs + 2 * minute);
  book.put(event(nowMs + minute + 10, nowMs + 2 * minute + 10));
  assert.deepEqual(classes(), ['continuous', 'event']);
  add(nowMs + 2 * minute, nowMs + 3 * minute);
  add(nowMs + 3 * minute, nowMs + 4 * minute);
  assert.deepEqual(classes(), ['continuous', 'event', 'event', 'continuous']);
});

test('an event that grows marks what it has grown over, and another camera has nothing to do with it', () => {
  const { book, store, add, classes } = openBook();
  book.put({ ...event(nowMs, nowMs + minute, 'other'), camera: cameraIdSchema.parse('porch') });
  book.put(event(nowMs + 10, nowMs + 20));
  add(nowMs, nowMs + minute);
  add(nowMs + minute, nowMs + 2 * minute);
  assert.deepEqual(classes(), ['event', 'continuous']);
  book.put({ ...event(nowMs + 10, nowMs + minute + 1), triggers: 2 });
  assert.deepEqual(classes(), ['event', 'event']);
  const [row] = book.list(camera, { fromMs: nowMs, toMs: nowMs + minute }, 10);
  assert.deepEqual([row!.triggers, row!.toMs], [2, nowMs + minute + 1]);
  assert.equal(book.list(camera, { fromMs: nowMs + 2 * minute, toMs: nowMs + 3 * minute }, 10).length, 0);
  store.close();
});

test('what the agent could not mark before it ended is marked when the book is opened again', () => {
  const { book, store, classes } = openBook();
  book.put(event(nowMs, nowMs + minute));
  const of = { camera, stream: 'sub' as const, path: 'yard/sub/x.mp4', run: 'r', startMs: nowMs, startTicks: 0 };
  const init = { clockRateHz: 90_000, codecString: 'avc1', initHash: 'h' };
  const id = store.insertSegment({ ...of, ...init }, new Uint8Array(8));
  const closed = {
    durationTicks: 1,
    sizeBytes: 10,
    frames: 1,
    packetsLost: 0,
    sha256: 'x',
    fragments: new Uint8Array(4),
  };
  store.closeSegment({ id, endMs: nowMs + minute, ...closed });
  assert.deepEqual(classes(), ['continuous']);
  new EventBook(store.db, nowMs + minute);
  assert.deepEqual(classes(), ['event']);
});

test('events are listed newest first, at most as many as wanted, and go when the last footage of their time has gone', () => {
  const { book, store, add } = openBook();
  const ids = [1, 2, 3].map((index) => add(nowMs + index * minute, nowMs + (index + 1) * minute));
  for (const index of [1, 2, 3]) book.put(event(nowMs + index * minute, nowMs + index * minute + 30_000, `e${index}`));
  const listed = (limit: number): string[] =>
    book.list(camera, { fromMs: 0, toMs: nowMs + 10 * minute }, limit).map(({ id }) => id);
  assert.deepEqual(listed(2), ['e3', 'e2']);
  store.db.prepare('delete from segment where id in (?, ?)').run(ids[0]!, ids[1]!);
  book.put({ ...event(nowMs + 3 * minute, nowMs + 3 * minute + 40_000, 'e3'), triggers: 2 });
  assert.deepEqual(listed(10), ['e3']);
  book.forgetCamera(camera);
  assert.deepEqual(listed(10), []);
});

test('the search for a camera with a hundred thousand events stays within its span', () => {
  const db = new DatabaseSync(':memory:');
  db.exec(
    'create table segment (id integer primary key, camera text, stream text, start_ms integer, end_ms integer, open integer, class text)',
  );
  const book = new EventBook(db, nowMs);
  const insert = db.prepare(
    'insert into event (id, camera, trigger, at_ms, from_ms, to_ms, triggers) values (?, ?, ?, ?, ?, ?, 1)',
  );
  db.exec('begin');
  for (let index = 0; index < 100_000; index++)
    insert.run(
      `e${index}`,
      camera,
      'motion',
      nowMs + index * minute,
      nowMs + index * minute,
      nowMs + index * minute + 30_000,
    );
  db.exec('commit');
  const plan = db.prepare(
    'explain query plan select id from event where camera = ? and to_ms > ? and to_ms < ? and from_ms < ? order by to_ms desc limit ?',
  );
  assert.match(JSON.stringify(plan.all('yard', 0, 1, 1, 1)), /event_by_end \(camera=\? AND to_ms>\? AND to_ms<\?\)/);
  const found = book.list(camera, { fromMs: nowMs + 500 * minute, toMs: nowMs + 510 * minute }, 1000);
  assert.equal(found.length, 10);
});
