import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { openFakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { footagePath, needs, openTempFolder } from '@porchlight/base/testing';
import type { CodedFrame, TrackDescription } from '@porchlight/media/frame';
import { openSource, testSource, type SourceConfig, type SourceEvents, type SourceState } from './index.ts';

/** What a source said. */
function openProbe() {
  const states: SourceState[] = [];
  const frames: { frame: CodedFrame; receivedMs: number }[] = [];
  const tracks: (readonly TrackDescription[])[] = [];
  const events: SourceEvents = {
    onTracks: (next) => void tracks.push(next),
    onFrame: (frame, receivedMs) => void frames.push({ frame, receivedMs }),
    onDamage: () => undefined,
    onSenderReport: () => undefined,
    onState: (state) => void states.push(state),
  };
  return { events, states, frames, tracks };
}

const toConfig = (url: string): SourceConfig => ({ kind: 'file', url, stream: 'main', transport: 'auto' });

function open(config: SourceConfig, demoFolder = '') {
  const clock = openFakeClock();
  const probe = openProbe();
  const source = openSource(config, { clock, log: openFakeLog(), demoFolder }, probe.events);
  return { clock, source, ...probe };
}

test('a file that is missing, a folder or no movie is said in words, and tried again until it is there', async () => {
  using folder = openTempFolder();
  const path = join(folder.path, 'clip.mp4');
  const house = open(toConfig(path));
  await house.clock.advance(0);
  assert.deepEqual(
    house.states.map(({ status }) => status),
    ['starting', 'error'],
  );
  assert.equal(house.states[1]!.message, 'The file does not exist.');
  writeFileSync(path, 'this is no movie at all, only text');
  await house.clock.advance(5000);
  assert.equal(house.states[2]!.reason, 'damaged-file');
  assert.ok(house.states.every(({ message = '' }) => !message.includes(folder.path)));
  assert.equal(house.source.stats().reconnects, 2);
  await house.source.close();
  assert.equal(house.clock.pendingTimers, 0);
  mkdirSync(join(folder.path, 'd.mp4'));
  const other = open(toConfig(join(folder.path, 'd.mp4')));
  await other.clock.advance(0);
  assert.equal(other.states[1]!.message, 'This is a folder.');
  await other.source.close();
});

test('a demo name cannot leave the demo folder', async () => {
  using folder = openTempFolder();
  const house = open({ ...toConfig('demo:../../etc/passwd'), kind: 'demo' }, folder.path);
  await house.clock.advance(0);
  assert.equal(house.states[1]!.reason, 'no-file');
  await house.source.close();
});

describe('a video file as a camera', needs('footage'), () => {
  const path = footagePath('video', 'outdoor-person-and-dog.mp4');

  test('frames come when they are due, over the end of the file and on', async () => {
    const house = open(toConfig(path));
    await house.clock.advance(0);
    const startMs = house.clock.monotonicMs();
    for (let second = 0; second < 24; second++) await house.clock.advance(1000);
    await house.source.close();
    assert.deepEqual(house.states, [{ status: 'starting' }, { status: 'online' }]);
    assert.deepEqual(
      house.tracks[0]!.map(({ kind }) => kind),
      ['video', 'audio'],
    );
    const video = house.frames.filter(({ frame }) => frame.kind === 'video');
    assert.ok(Math.abs(video.length / 24 - 29.97) < 0.2, `${video.length} pictures in 24 s`);
    for (let index = 1; index < house.frames.length; index++)
      assert.ok(house.frames[index]!.receivedMs >= house.frames[index - 1]!.receivedMs);
    const { frame, receivedMs } = video.at(-1)!;
    const behindMs = receivedMs - startMs - (frame.ptsTicks - video[0]!.frame.ptsTicks) / 30;
    assert.ok(Math.abs(behindMs) < 200, `media and clock differ by ${behindMs} ms`);
  });

  test('a test of a source names what it sends and what is worth knowing', async () => {
    const clock = openFakeClock();
    const deps = { clock, log: openFakeLog(), demoFolder: '' };
    const testing = testSource([toConfig(path)], deps);
    for (let tenth = 0; tenth < 30; tenth++) await clock.advance(100);
    const found = await testing;
    assert.ok(found.ok);
    assert.deepEqual(found.streams, [
      { name: 'main', codec: 'h264', widthPx: 1280, heightPx: 720, fps: 30, audioCodec: 'aac' },
    ]);
    assert.ok(found.notes.some((note) => note.startsWith('B-frames')));
    assert.ok(found.notes.some((note) => note.startsWith('AAC')));
    assert.equal(clock.pendingTimers, 0);
  });
});

test('a test of a source that does not work gives reason, message and fix', async () => {
  const clock = openFakeClock();
  const testing = testSource([toConfig('/no/such/file.mp4')], { clock, log: openFakeLog(), demoFolder: '' });
  await clock.advance(0);
  assert.deepEqual(await testing, {
    ok: false,
    reason: 'no-file',
    message: 'The file does not exist.',
    fix: 'Check its path on the machine that the agent runs on.',
    streams: [],
    notes: [],
  });
});
