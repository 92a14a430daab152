import assert from 'node:assert/strict';
import { test } from 'node:test';
import { audioTrack, openReaderProbe, openStreamProbe, videoTrack } from './test/stream-probe.ts';

const frameMs = 40;

function openProbe() {
  const probe = openStreamProbe();
  const reader = openReaderProbe();
  probe.stream.subscribe(reader);
  probe.stream.onTracks([videoTrack, audioTrack]);
  let mediaMs = 0;
  /** Pictures and sound in real time; `soundPpm`: how much faster the clock of sound runs. */
  const play = async (durationMs: number, soundPpm = 0): Promise<void> => {
    for (const untilMs = mediaMs + durationMs; mediaMs < untilMs; mediaMs += frameMs) {
      probe.picture(mediaMs, { key: mediaMs % 1000 === 0 });
      probe.sound(mediaMs * (1 + soundPpm / 1e6));
      await probe.clock.advance(frameMs);
    }
  };
  const videoWalls = (): number[] =>
    reader.frames.filter(({ frame }) => frame.kind === 'video').map(({ wallMs }) => wallMs);
  return { ...probe, reader, play, videoWalls };
}

function assertGrows(walls: readonly number[]): void {
  for (let index = 1; index < walls.length; index++)
    assert.ok(
      walls[index]! - walls[index - 1]! > 0,
      `picture ${index} is at ${walls[index]} after ${walls[index - 1]}`,
    );
}

test('a clock set back gives no time twice: the new run begins where the old one ended, with sound beside it', async () => {
  const { reader, clock, play, videoWalls } = openProbe();
  await play(60_000);
  clock.stepWall(-30_000);
  await play(60_000);
  assert.equal(reader.runs.length, 2, 'one step is one new run');
  assertGrows(videoWalls());
  const [video, audio] = [reader.frames.at(-2)!, reader.frames.at(-1)!];
  assert.deepEqual([video.frame.kind, audio.frame.kind], ['video', 'audio']);
  assert.ok(Math.abs(video.wallMs - audio.wallMs) < frameMs, `sound ${audio.wallMs} beside ${video.wallMs}`);
  const aheadMs = video.wallMs - clock.nowMs();
  assert.ok(aheadMs > 29_000 && aheadMs < 30_000, `leans back slowly, ${aheadMs} ms ahead`);
});

test('what was set back is over with the next break that is longer', async () => {
  const { reader, clock, play, stream, videoWalls } = openProbe();
  await play(60_000);
  clock.stepWall(-30_000);
  await play(20_000);
  stream.onState({ status: 'offline', reason: 'unreachable' });
  await clock.advance(40_000);
  const backMs = clock.nowMs();
  await play(1000);
  assert.equal(reader.runs.at(-1)!.startWallMs, backMs);
  assertGrows(videoWalls());
});

test('what was recorded with a clock that was wrong for seconds is stepped over when the time comes', async () => {
  const { reader, clock, play, videoWalls } = openProbe();
  const wrongMs = 180_000;
  clock.stepWall(wrongMs);
  await play(10_000);
  clock.stepWall(-wrongMs);
  await play(wrongMs + 60_000);
  assert.equal(reader.runs.length, 3);
  const [wrong, right, over] = reader.runs.map(({ startWallMs }) => startWallMs);
  assert.ok(right! < wrong! && over! >= wrong! + 10_000);
  assertGrows(videoWalls().toSorted((one, other) => one - other));
  const aheadMs = reader.frames.at(-1)!.wallMs - clock.nowMs();
  assert.ok(aheadMs < 60_000, `ahead by what lay there, not by what was wrong: ${aheadMs} ms`);
});

test('sound whose clock drifts stays beside its picture', async () => {
  const { reader, stream, play } = openProbe();
  const ppm = 150;
  for (let minute = 0; minute < 20; minute++) {
    const atMs = minute * 60_000;
    stream.onSenderReport({ track: 0, ntpMs: 1_000_000 + atMs, rtpTicks: atMs * 90 });
    stream.onSenderReport({ track: 1, ntpMs: 1_000_000 + atMs, rtpTicks: Math.round(atMs * (1 + ppm / 1e6) * 8) });
    await play(60_000, ppm);
  }
  const [video, audio] = [reader.frames.at(-2)!, reader.frames.at(-1)!];
  assert.ok(Math.abs(video.wallMs - audio.wallMs) < 20, `${audio.wallMs - video.wallMs} ms apart after 20 minutes`);
  assert.equal(reader.runs.length, 1);
});

test('a camera whose clock was never set, or is set by years, moves nothing', async () => {
  const { reader, stream, play, videoWalls } = openProbe();
  for (const year of [1970, 2008, 2040, 2001]) {
    const ntpMs = Date.UTC(year, 0, 1);
    stream.onSenderReport({ track: 0, ntpMs, rtpTicks: 0 });
    stream.onSenderReport({ track: 1, ntpMs, rtpTicks: 0 });
    await play(20_000);
  }
  assert.equal(reader.runs.length, 1);
  const walls = videoWalls();
  assert.ok(Math.abs(walls.at(-1)! - walls[0]! - (walls.length - 1) * frameMs) < 1);
});
