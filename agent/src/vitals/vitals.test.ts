import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import { rootCertificates } from 'node:tls';
import { openFakeVolume, type Volume } from '#volume';
import type { ArchiveEvent } from '#archive';
import type { Observation } from '#health';
import type { LineReport, SourceReport } from '#line';
import { openFakeClock } from '@porchlight/base/clock';
import { HouseError } from '@porchlight/base/errors';
import { openFakeLog } from '@porchlight/base/log';
import { openTempFolder } from '@porchlight/base/testing';
import { cameraIdSchema } from '@porchlight/contract/ids';
import type { StorageStatus } from '@porchlight/contract/storage';
import {
  addWrites,
  noWrites,
  openCameraVitals,
  openDiskVitals,
  openRecordingMeter,
  openVitals,
  openWriteMeter,
  tellCertificate,
  tellStorage,
} from './index.ts';

const front = cameraIdSchema.parse('front');
const damage = { 'packets-lost': 0, malformed: 0, 'timestamp-jump': 0, oversized: 0, 'missing-parameter-sets': 0 };

const toSource = (more: Partial<SourceReport> = {}): SourceReport => ({
  ...{ name: 'main', status: 'online', framesReceived: 0, damage },
  ...{ bytesReceived: 0, packetsReceived: 0, packetsLost: 0, reconnects: 0, ...more },
});
const toReport = (...sources: SourceReport[]): LineReport => ({
  ...{ id: front, state: { status: sources[0]!.status, sinceMs: 1 }, streams: [], bytesReceived: 0, reconnects: 0 },
  ...{ damage, sources },
});

function openWatched() {
  const said: Observation[] = [];
  const forgotten: unknown[] = [];
  const clock = openFakeClock();
  const health = {
    report: (one: Observation) => void said.push(one),
    forget: (subject: unknown) => void forgotten.push(subject),
  };
  const last = (kind: Observation['kind']): Observation | undefined => said.findLast((one) => one.kind === kind);
  return { said, forgotten, clock, health, last, vitals: openCameraVitals({ health, clock }) };
}

test('a camera that does not send is down or stalled, with its own words', () => {
  const { vitals, last } = openWatched();
  vitals.take(
    toReport(toSource({ status: 'offline', reason: 'unreachable', message: 'Nothing answers.', fix: 'Look.' })),
  );
  const { kind, ok, message, fix, cameraId, stream } = last('camera-down')!;
  assert.deepEqual(
    [kind, ok, message, fix, cameraId, stream],
    ['camera-down', false, 'Nothing answers.', 'Look.', front, undefined],
  );
  vitals.take(toReport(toSource({ status: 'offline', reason: 'stalled', message: 'It stopped.' })));
  assert.equal(last('camera-stalled')?.ok, false);
  vitals.take(toReport(toSource()));
  assert.equal(last('camera-down')?.ok, true);
});

test('a sub stream is a subject of its own, and a camera that is starting says nothing', () => {
  const { vitals, said } = openWatched();
  vitals.take(toReport(toSource({ status: 'starting' }), toSource({ name: 'sub', status: 'error' })));
  assert.deepEqual(
    said.map(({ kind, stream, ok }) => [kind, stream, ok]),
    [['camera-down', 'sub', false]],
  );
});

test('missing key frames are told with the camera online', () => {
  const { vitals, last } = openWatched();
  vitals.take(toReport(toSource({ reason: 'no-keyframe', message: 'None for 20 s.', fix: 'Set it.' })));
  assert.deepEqual([last('no-key-frames')?.ok, last('camera-down')?.ok], [false, true]);
  vitals.take(toReport(toSource()));
  assert.equal(last('no-key-frames')?.ok, true);
});

test('damage is a share of the last minute, and counters that begin again are no damage', async () => {
  const { vitals, clock, last } = openWatched();
  let [received, lost] = [0, 0];
  const run = async (seconds: number, lostEach: number): Promise<void> => {
    for (let second = 0; second < seconds; second++) {
      received += 200 - lostEach;
      lost += lostEach;
      vitals.take(toReport(toSource({ packetsReceived: received, packetsLost: lost })));
      await clock.advance(1000);
    }
  };
  await run(60, 1);
  assert.equal(last('damaged')?.ok, true);
  await run(60, 10);
  assert.equal(last('damaged')?.ok, false);
  assert.match(last('damaged')?.message ?? '', /^[45]\.\d % of what the camera sends is lost/);
  await run(70, 0);
  assert.equal(last('damaged')?.ok, true);
  [received, lost] = [0, 0];
  await run(10, 0);
  assert.equal(last('damaged')?.ok, true);
});

test('where packets are not counted, damaged pictures are', async () => {
  const { vitals, clock, last } = openWatched();
  for (let second = 0; second < 30; second++) {
    const malformed = second * 2;
    vitals.take(toReport(toSource({ framesReceived: second * 25, damage: { ...damage, malformed } })));
    await clock.advance(1000);
  }
  assert.equal(last('damaged')?.ok, false);
});

test('a wrong clock is told in words, one that says nothing is not', () => {
  const { vitals, last } = openWatched();
  vitals.take(toReport(toSource()));
  assert.equal(last('clock-off'), undefined);
  for (const [clockOffMs, ok, words] of [
    [2_000, true, /2 s ahead/],
    [-90_000, false, /90 s behind/],
    [7_200_000, false, /2 hours ahead/],
    [-86_400_000 * 400, false, /400 days behind/],
  ] as const) {
    vitals.take(toReport(toSource({ clockOffMs })));
    assert.equal(last('clock-off')?.ok, ok);
    assert.match(last('clock-off')?.message ?? '', words);
  }
});

test('what stands about a paused camera ends, once', () => {
  const { vitals, forgotten, said } = openWatched();
  const report = toReport(toSource({ status: 'paused' }));
  vitals.take(report);
  vitals.take(report);
  assert.deepEqual([forgotten, said], [[{ cameraId: front }], []]);
});

test('writes are measured, refused ones are counted by what is wrong', async () => {
  const clock = openFakeClock();
  const volume = openFakeVolume();
  const slow = Object.assign(Object.create(volume) as Volume, {
    async create(path: string) {
      if (path.startsWith('full')) {
        const cause = Object.assign(new Error('no space'), { code: 'ENOSPC' });
        throw new HouseError('unavailable', 'Could not create', { cause });
      }
      const file = await volume.create(path);
      return { ...file, path: file.path, write: async () => clock.advance(30) };
    },
  });
  const meter = openWriteMeter(slow, clock);
  const file = await meter.volume.create('a/b.mp4');
  assert.equal(file.path, 'a/b.mp4');
  await file.write([new Uint8Array(10), new Uint8Array(5)]);
  await assert.rejects(meter.volume.create('full/b.mp4'), /Could not create/);
  const { writes, bytes, sumMs, buckets, troubles } = meter.figures();
  assert.deepEqual([writes, bytes, sumMs, troubles], [1, 15, 30, { full: 1 }]);
  assert.equal(buckets[5], 1, '25 to 50 ms');
  assert.deepEqual(addWrites(meter.figures(), meter.figures()).troubles, { full: 2 });
});

test('calls that the disk has not answered yet are counted, also those that it refuses in the end', async () => {
  const volume = openFakeVolume();
  const meter = openWriteMeter(volume, openFakeClock());
  const file = await meter.volume.create('a/b.mp4');
  assert.equal(meter.underWay, 0);
  const answered = Promise.withResolvers<void>();
  volume.stall = answered.promise;
  const written = file.write([new Uint8Array(10)]);
  const refused = meter.volume.create('a/b.mp4');
  assert.equal(meter.underWay, 2);
  await assert.rejects(refused);
  assert.equal(meter.underWay, 1);
  answered.resolve();
  await written;
  assert.equal(meter.underWay, 0);
});

test('a disk that refuses or is slow is told, and well again when it writes', () => {
  const { health, last, said } = openWatched();
  const disk = openDiskVitals(health, 'main');
  const fast = (writes: number) => ({ ...noWrites, writes, buckets: noWrites.buckets.with(0, writes) });
  disk.take(fast(10));
  assert.equal(last('disk-failing')?.ok, true);
  disk.take({ ...fast(10), troubles: { 'read-only': 2 } });
  assert.deepEqual([last('disk-read-only')?.ok, last('disk-read-only')?.part], [false, 'main']);
  const before = said.length;
  disk.take({ ...fast(10), troubles: { 'read-only': 2 } });
  assert.equal(said.length, before, 'no news');
  disk.take({ ...fast(20), buckets: fast(20).buckets.with(-1, 5), troubles: { 'read-only': 2 } });
  assert.equal(last('disk-slow')?.ok, false);
});

test('how footage is kept is told: each volume by its name, and what is missing', () => {
  const { health, said, last } = openWatched();
  const volume = { id: 'nas', folder: '/n', sinceMs: 1, recording: false, usedBytes: 0, capBytes: 1, chosen: true };
  const status: StorageStatus = {
    volumes: [{ ...volume, state: 'missing', message: 'It is not there', fix: 'Mount it.' }],
    stopped: { sinceMs: 1, missing: 20, of: 100 },
    ...{ lostBeforeOffsite: 0, movingBytes: 0 },
  };
  tellStorage(health, status);
  const { kind, part, ok, message } = said[0]!;
  assert.deepEqual([kind, part, ok, message], ['disk-gone', 'nas', false, 'It is not there.']);
  assert.match(last('footage-missing')?.message ?? '', /^20 of 100 recordings/);
  const { stopped: _stopped, ...fine } = status;
  tellStorage(health, { ...fine, volumes: [{ ...volume, state: 'ok' }] });
  assert.deepEqual([last('disk-failing')?.ok, last('footage-missing')?.ok], [true, true]);
});

test('a certificate is told a month before it ends, with the day', () => {
  const { health, last, said } = openWatched();
  tellCertificate(health, 'no certificate', 0);
  assert.equal(said.length, 0);
  const [pem] = rootCertificates;
  const endsMs = Date.parse(new X509Certificate(pem!).validTo);
  tellCertificate(health, pem!, endsMs - 40 * 86_400_000);
  assert.equal(last('certificate')?.ok, true);
  tellCertificate(health, pem!, endsMs - 20 * 86_400_000);
  assert.equal(last('certificate')?.ok, false);
  assert.match(last('certificate')?.message ?? '', /ends on \d{4}-\d\d-\d\d\.$/);
});

test('recorded segments, fragments, bytes and gaps are counted by stream', () => {
  const meter = openRecordingMeter();
  const names = { camera: front, stream: 'main' } as const;
  const opened = { ...names, kind: 'segment-opened', segment: 's', init: new Uint8Array(100) };
  const events = [
    opened,
    { kind: 'fragment', segment: 's', sizeBytes: 50 },
    { kind: 'fragment', segment: 'unknown', sizeBytes: 50 },
    { kind: 'segment-closed', segment: 's' },
    { kind: 'fragment', segment: 's', sizeBytes: 50 },
    { ...names, kind: 'gap', reason: 'dropped', fromMs: 1 },
  ] as unknown as ArchiveEvent[];
  for (const event of events) meter.note(event);
  assert.deepEqual(meter.figures(), [
    { cameraId: front, stream: 'main', segments: 1, fragments: 1, bytes: 150, gaps: { dropped: 1 } },
  ]);
  meter.keep([]);
  assert.deepEqual(meter.figures(), []);
});

test('all together: a camera that goes down becomes an alarm, and a removed one ends it', async () => {
  using folder = openTempFolder();
  const clock = openFakeClock();
  let changes = 0;
  const vitals = openVitals({
    ...{ path: join(folder.path, 'alarms.json'), clock, log: openFakeLog(), writes: () => noWrites },
    onAlarms: () => void changes++,
  });
  for (let second = 0; second < 25; second++) {
    vitals.take(toReport(toSource({ status: 'offline', reason: 'unreachable' })));
    await clock.advance(1000);
  }
  assert.deepEqual(
    vitals.health.open.map(({ kind, cameraId }) => [kind, cameraId]),
    [['camera-down', front]],
  );
  vitals.keep([]);
  assert.deepEqual([vitals.health.open.length, changes], [0, 2]);
  vitals.close();
  assert.equal(clock.pendingTimers, 0);
});
