import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ArchiveEvent } from '#archive';
import type { LineConfig } from '#line';
import { openFakeClock } from '@porchlight/base/clock';
import { HouseError } from '@porchlight/base/errors';
import { openFakeLog } from '@porchlight/base/log';
import { cameraIdSchema } from '@porchlight/contract/ids';
import { openShardPool } from './shard-pool.ts';
import type { ShardThread, ShardThreadOptions } from './shard-thread.ts';
import type { ToShard } from './messages.ts';

const toCamera = (id: string): LineConfig => ({
  id: cameraIdSchema.parse(id),
  sourceKind: 'rtsp',
  url: 'rtsp://camera/',
  transport: 'auto',
  paused: false,
});
const toCameras = (count: number) => Array.from({ length: count }, (_, index) => toCamera(`cam${index}`));

type FakeThread = ShardThread & { readonly options: ShardThreadOptions; readonly posted: ToShard[]; closed: boolean };

/** A pool whose threads are only remembered. */
async function open(maxShards: number) {
  const clock = openFakeClock();
  const threads: FakeThread[] = [];
  const events: ArchiveEvent[] = [];
  const abandoned: string[] = [];
  let failStarts = 0;
  const pool = await openShardPool({
    target: { id: 'main', folder: 'archive', identity: 'one' },
    demoFolder: 'demo',
    socketPath: 'socket',
    clock,
    log: openFakeLog(),
    level: 'silent',
    maxShards,
    openThread: async (options) => {
      if (failStarts-- > 0) throw new HouseError('unavailable', 'no thread');
      const posted: ToShard[] = [];
      const thread: FakeThread = {
        options,
        posted,
        closed: false,
        post: (message) => void posted.push(message),
        ask: () => Promise.reject(new HouseError('unavailable', 'a fake does not answer')),
        close: async () => void (thread.closed = true),
      };
      threads.push(thread);
      return thread;
    },
    onEvents: (list) => events.push(...list),
    onReport: () => undefined,
    findRecorded: (camera) => [{ camera, stream: 'main', fromMs: 1000, toMs: 2000 }],
    onAbandoned: (segments) => abandoned.push(...segments),
  });
  const camerasOf = (thread: FakeThread): string[] => {
    const last = thread.posted.findLast((message) => message.kind === 'apply');
    return last?.kind === 'apply' ? last.cameras.map(({ id }) => id) : [];
  };
  const toldOf = (thread: FakeThread): string[] => {
    const last = thread.posted.findLast((message) => message.kind === 'apply');
    return last?.kind === 'apply' ? last.recorded.map(({ camera }) => camera) : [];
  };
  return {
    ...{ pool, clock, threads, toldOf },
    events,
    abandoned,
    camerasOf,
    failStarts: (count: number) => void (failStarts = count),
  };
}

const opened = (segment: string): ArchiveEvent => ({
  kind: 'segment-opened',
  segment,
  camera: cameraIdSchema.parse('cam0'),
  stream: 'main',
  path: 'cam0/main/x.mp4',
  run: 'r',
  startWallMs: 1000,
  startTicks: 0,
  clockRateHz: 90_000,
  init: new Uint8Array(4),
  initHash: 'h',
  codecString: 'avc1',
});

test('threads grow with the cameras, up to the cores, and cameras spread evenly', async () => {
  const house = await open(4);
  assert.equal(house.threads.length, 1);
  house.pool.apply(toCameras(130));
  await house.clock.advance(0);
  assert.equal(house.threads.length, 3);
  assert.deepEqual(house.threads.map((thread) => house.camerasOf(thread).length).sort(), [43, 43, 44]);
  house.pool.apply(toCameras(1000));
  await house.clock.advance(0);
  assert.equal(house.threads.length, 4);
});

test('a camera stays in its thread while others come and go', async () => {
  const house = await open(2);
  house.pool.apply(toCameras(100));
  await house.clock.advance(0);
  const before = house.pool.findSocket(cameraIdSchema.parse('cam7'));
  house.pool.apply(toCameras(100).filter(({ id }) => id === 'cam7' || Number(id.slice(3)) % 2 === 0));
  await house.clock.advance(0);
  house.pool.apply([...toCameras(100), toCamera('another')]);
  await house.clock.advance(0);
  assert.equal(house.pool.findSocket(cameraIdSchema.parse('cam7')), before);
  assert.equal(house.pool.findSocket(cameraIdSchema.parse('stranger')), undefined);
});

test('a thread that dies is back within 2 s with its cameras, and what it left open is a gap from its last fragment', async () => {
  const house = await open(1);
  house.pool.apply(toCameras(3));
  await house.clock.advance(0);
  const [first] = house.threads;
  first!.options.onEvents([opened('s1'), opened('s2'), { kind: 'segment-dropped', segment: 's2' }]);
  first!.options.onEvents([
    {
      kind: 'fragment',
      segment: 's1',
      offsetBytes: 4,
      sizeBytes: 9,
      baseTicks: 0,
      durationTicks: 9,
      key: true,
      endWallMs: 1500,
    },
  ]);
  first!.options.onDied();
  assert.deepEqual(house.abandoned, ['s1']);
  assert.deepEqual(house.events.at(-1), {
    kind: 'gap',
    camera: 'cam0',
    stream: 'main',
    fromMs: 1500,
    reason: 'agent-down',
  });
  assert.equal(house.threads.length, 1);
  await house.clock.advance(2000);
  assert.equal(house.threads.length, 2);
  assert.deepEqual(house.camerasOf(house.threads[1]!), ['cam0', 'cam1', 'cam2']);
  assert.equal(house.pool.restarts, 1);
});

test('a thread is told what was recorded of cameras that are new to it, and after a death of all', async () => {
  const house = await open(1);
  house.pool.apply(toCameras(2));
  await house.clock.advance(0);
  assert.deepEqual(house.toldOf(house.threads[0]!), ['cam0', 'cam1']);
  house.pool.apply(toCameras(3));
  await house.clock.advance(0);
  assert.deepEqual(house.toldOf(house.threads[0]!), ['cam2']);
  house.threads[0]!.options.onDied();
  await house.clock.advance(2000);
  assert.deepEqual(house.toldOf(house.threads[1]!), ['cam0', 'cam1', 'cam2']);
});

test('a thread that cannot be started is tried again, never slower than every 2 s', async () => {
  const house = await open(1);
  house.pool.apply(toCameras(1));
  await house.clock.advance(0);
  house.failStarts(5);
  house.threads[0]!.options.onDied();
  await house.clock.advance(10_000);
  assert.equal(house.threads.length, 2);
  assert.deepEqual(house.camerasOf(house.threads[1]!), ['cam0']);
});

test('a question about a camera that nobody has is not found, and closing closes every thread for good', async () => {
  const house = await open(1);
  const camera = cameraIdSchema.parse('stranger');
  await assert.rejects(house.pool.ask(camera, 'key-frame', { camera, stream: 'main' }), { kind: 'not-found' });
  await house.pool.close();
  assert.ok(house.threads.every(({ closed }) => closed));
  house.threads[0]!.options.onDied();
  await house.clock.advance(5000);
  assert.equal(house.threads.length, 1);
});
