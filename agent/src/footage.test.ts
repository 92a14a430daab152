import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Hono } from 'hono';
import { openArchive, type Archive } from '#archive';
import { openDiskVolume } from '#volume';
import { playbackRoutes } from '#playback';
import { openRecorder } from '#recorder';
import { openDrawnSource, openFeed, openMovieSource } from '#testing';
import { openFakeClock, type FakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { footagePath, needs, openTempFolder } from '@porchlight/base/testing';
import { cameraIdSchema } from '@porchlight/contract/ids';
import { recordingsSchema } from '@porchlight/contract/recordings';
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from 'mediabunny';

/** Film time runs faster than any disk: what waits for the disk is no fault here. */
const maxPendingBytes = Infinity;
const camera = cameraIdSchema.parse('yard');
const startMs = Date.UTC(2026, 0, 1, 0, 0, 30);

type Recorded = {
  app: Hono;
  archive: Archive;
  clock: FakeClock;
  files: string[];
  folder: string;
  done: () => Promise<void>;
};

/** Records a clip on a loop from half past a minute on, by hand. */
async function record(clip: string, durationMs: number, audioLateMs = 0): Promise<Recorded> {
  const folder = openTempFolder();
  const clock = openFakeClock(startMs);
  const log = openFakeLog();
  const volume = openDiskVolume(join(folder.path, 'archive'));
  const archive = await openArchive({ folder: join(folder.path, 'index'), volume, clock, log });
  const recorder = openRecorder({
    camera,
    stream: 'main',
    volume,
    clock,
    log,
    maxPendingBytes,
    emit: (event) => archive.note(event),
  });
  const feed = openFeed({ source: openMovieSource(footagePath('video', clip)), reader: recorder, clock, audioLateMs });
  recorder.onTracks(feed.tracks, feed.run);
  await feed.play(durationMs);
  await recorder.close();
  await clock.advance(400);
  assert.deepEqual(log.lines, []);
  const day = join(folder.path, 'archive', camera, 'main', '2026-01-01');
  const done = async (): Promise<void> => {
    await archive.close();
    folder[Symbol.dispose]();
  };
  const files = readdirSync(day).map((name) => join(day, name));
  return { app: playbackRoutes({ archive, volume, clock, log }), archive, clock, files, folder: folder.path, done };
}

const ffmpeg = (...args: string[]): string =>
  execFileSync('ffmpeg', ['-nostdin', '-v', 'error', ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });

/** Hash of every decoded picture. */
const pictures = (file: string): string[] =>
  hashes(ffmpeg('-i', file, '-map', '0:v:0', '-fps_mode', 'passthrough', '-f', 'framemd5', '-'));
/** Hash of every coded picture. */
const packets = (file: string): string[] =>
  hashes(ffmpeg('-i', file, '-map', '0:v:0', '-c', 'copy', '-f', 'framemd5', '-'));
/** Hash of every coded audio frame. */
const sounds = (file: string): string[] =>
  hashes(ffmpeg('-i', file, '-map', '0:a:0', '-c', 'copy', '-f', 'framemd5', '-'));
const hashes = (text: string): string[] =>
  text.split('\n').flatMap((line) => (line === '' || line.startsWith('#') ? [] : [line.split(',').at(-1)!.trim()]));

const times = (file: string, stream: 'v' | 'a'): number[] =>
  execFileSync(
    'ffprobe',
    ['-v', 'error', '-select_streams', stream, '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', file],
    {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    },
  )
    .split('\n')
    .map((line) => Number.parseFloat(line))
    .filter((time) => !Number.isNaN(time))
    .sort((a, b) => a - b);

const longestStep = (sorted: readonly number[]): number =>
  sorted.reduce((most, time, index) => (index === 0 ? 0 : Math.max(most, time - sorted[index - 1]!)), 0);

const get = async (app: Hono, path: string): Promise<Response> => app.request(`/api/cameras/${camera}/${path}`);
const bytesOf = async (response: Response): Promise<Uint8Array> => new Uint8Array(await response.arrayBuffer());

/** All that a playlist names, one behind the other, as a player appends it. */
async function download(app: Hono, query: string): Promise<{ playlist: string; bytes: Uint8Array }> {
  const playlist = await (await get(app, `hls/index.m3u8?${query}`)).text();
  const chunks: Uint8Array[] = [];
  for (const line of playlist.split('\n')) {
    const name = /^#EXT-X-MAP:URI="(.*)"$/.exec(line)?.[1] ?? (line.endsWith('.m4s') ? line : undefined);
    if (name === undefined) continue;
    const response = await get(app, `hls/${name}`);
    assert.equal(response.status, 200, name);
    chunks.push(await bytesOf(response));
  }
  return { playlist, bytes: Buffer.concat(chunks) };
}

const clips = [
  { clip: 'carpark-four-cars-exposure-drift.mp4', what: 'H.264 without B-frames, with AAC', audio: true },
  { clip: 'outdoor-person-and-dog.mp4', what: 'H.264 with B-frames, with AAC', audio: true },
  { clip: 'warehouse-worker-h265.mp4', what: 'H.265', audio: false },
];

describe('a recording of real footage', needs('ffmpeg', 'footage'), () => {
  for (const { clip, what, audio } of clips) {
    test(`decodes to the source's pictures over file boundaries: ${what}`, async () => {
      const recorded = await record(clip, 75_000);
      assert.ok(recorded.files.length >= 2);
      const source = pictures(footagePath('video', clip));
      // It ends between two pictures in decode order: of the last few, one that is shown before may be missing.
      const got = recorded.files.flatMap(pictures).slice(0, -4);
      assert.ok(got.length > 900);
      assert.deepEqual(
        got,
        Array.from(got, (_, index) => source[index % source.length]),
      );
      if (audio) {
        const sound = sounds(footagePath('video', clip));
        const heard = recorded.files.flatMap(sounds);
        const known = new Set(sound);
        assert.ok(heard.length > 1500);
        assert.ok(heard.every((hash) => known.has(hash)));
      }
      await recorded.done();
    });

    test(`is one playlist time line with no hole over 50 ms: ${what}`, async () => {
      const { app, folder, files, done } = await record(clip, 200_000, 120);
      assert.ok(files.length >= 4, 'three boundaries');
      const { playlist, bytes } = await download(app, `from=${startMs}&to=${startMs + 600_000}`);
      assert.equal(playlist.match(/EXT-X-MAP/g)?.length, 1);
      assert.ok(!playlist.includes('DISCONTINUITY'));
      assert.ok(playlist.includes('EXT-X-ENDLIST') || playlist.includes('TYPE:EVENT'));
      const joined = join(folder, 'joined.mp4');
      writeFileSync(joined, bytes);
      const shown = times(joined, 'v');
      const perPicture = (shown.at(-1)! - shown[0]!) / (shown.length - 1);
      assert.ok(longestStep(shown) < perPicture + 0.05, `longest step ${longestStep(shown)} s`);
      if (audio) assert.ok(longestStep(times(joined, 'a')) < 0.05 + 1024 / 44_100, 'no hole in the sound');
      assert.deepEqual(packets(joined), files.flatMap(packets));
      const listed = [...playlist.matchAll(/#EXTINF:([\d.]+)/g)].reduce((sum, match) => sum + Number(match[1]), 0);
      assert.ok(Math.abs(listed - (shown.at(-1)! - shown[0]! + perPicture)) < 0.1, 'EXTINF adds up to the media');
      await done();
    });
  }

  test('G.711 comes back from the files sample for sample', async () => {
    using folder = openTempFolder();
    const [clock, log, volume] = [openFakeClock(startMs), openFakeLog(), openDiskVolume(folder.path)];
    const recorder = openRecorder({
      camera,
      stream: 'main',
      volume,
      clock,
      log,
      maxPendingBytes,
      emit: () => undefined,
    });
    const source = openDrawnSource({ audio: 'pcmu' });
    const sent: Uint8Array[] = [];
    const next = (): ReturnType<typeof source.next> => {
      const given = source.next();
      if (given.frame.kind === 'audio') sent.push(given.frame.data);
      return given;
    };
    const feed = openFeed({ source: { tracks: source.tracks, next }, reader: recorder, clock });
    recorder.onTracks(feed.tracks, feed.run);
    await feed.play(100_000);
    await recorder.close();
    const day = join(folder.path, camera, 'main', '2026-01-01');
    const decode = (...args: string[]): Buffer =>
      execFileSync('ffmpeg', ['-nostdin', '-v', 'error', ...args, '-f', 's16le', '-'], {
        maxBuffer: 1 << 26,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    const files = readdirSync(day).map((name) => join(day, name));
    assert.equal(files.length, 3);
    const heard = Buffer.concat(files.map((file) => decode('-i', file, '-map', '0:a')));
    writeFileSync(join(folder.path, 'sent.ul'), Buffer.concat(sent));
    const said = decode('-f', 'mulaw', '-ar', '8000', '-ac', '1', '-i', join(folder.path, 'sent.ul'));
    assert.ok(heard.length > 99 * 8000 * 2);
    assert.ok(said.subarray(0, heard.length).equals(heard));
  });

  test('every file alone starts at 0 and is read by mediabunny', async () => {
    const { files, done } = await record('outdoor-person-and-dog.mp4', 100_000);
    for (const file of files) {
      using input = new Input({ source: new BufferSource(readFileSync(file)), formats: ALL_FORMATS });
      const track = (await input.getPrimaryVideoTrack())!;
      const sink = new EncodedPacketSink(track);
      const first = (await sink.getFirstPacket())!;
      assert.equal(first.timestamp, 0);
      assert.equal(first.type, 'key');
      let count = 0;
      for await (const packet of sink.packets()) count += packet.byteLength > 0 ? 1 : 0;
      assert.equal(count, times(file, 'v').length);
    }
    await done();
  });

  test('exports a span from the key frame before it to its end, on one time line', async () => {
    const { app, folder, done } = await record('carpark-four-cars-exposure-drift.mp4', 150_000);
    const fromMs = startMs + 28_500;
    const toMs = startMs + 95_250;
    const response = await get(app, `export.mp4?from=${fromMs}&to=${toMs}`);
    assert.equal(response.status, 200);
    const trueFromMs = Number(response.headers.get('Porchlight-From-Ms'));
    assert.ok(trueFromMs <= fromMs && fromMs - trueFromMs < 5_000);
    assert.match(
      response.headers.get('Content-Disposition')!,
      /^attachment; filename="yard_2026-01-01T00-00-\d\dZ_2026/,
    );
    const file = join(folder, 'export.mp4');
    writeFileSync(file, await bytesOf(response));
    const shown = times(file, 'v');
    assert.equal(shown[0], 0);
    assert.ok(Math.abs(shown.at(-1)! * 1000 + 80 - (toMs - trueFromMs)) <= 80);
    assert.ok(longestStep(shown) < 0.13);
    assert.ok(longestStep(times(file, 'a')) < 0.08);
    const source = pictures(footagePath('video', 'carpark-four-cars-exposure-drift.mp4'));
    const first = Math.round((trueFromMs - startMs) / 80);
    const got = pictures(file);
    assert.equal(got.length, shown.length);
    assert.deepEqual(
      got,
      Array.from(got, (_, index) => source[(first + index) % source.length]),
    );
    await done();
  });

  test('gives the key frame at any time as a picture that decodes to the source', async () => {
    const { app, folder, done } = await record('carpark-four-cars-exposure-drift.mp4', 100_000);
    const source = pictures(footagePath('video', 'carpark-four-cars-exposure-drift.mp4'));
    for (const atMs of [startMs, startMs + 17_123, startMs + 61_000, startMs + 99_000, startMs + 3_600_000]) {
      const response = await get(app, `keyframe.mp4?at=${atMs}`);
      assert.equal(response.status, 200);
      const trueMs = Number(response.headers.get('Porchlight-At-Ms'));
      assert.ok(trueMs <= atMs);
      const file = join(folder, 'key.mp4');
      writeFileSync(file, await bytesOf(response));
      assert.deepEqual(pictures(file), [source[Math.round((trueMs - startMs) / 80) % source.length]]);
    }
    assert.equal((await get(app, `keyframe.mp4?at=${startMs - 1}`)).status, 404);
    await done();
  });

  test('tells what is recorded as the contract has it', async () => {
    const { app, done } = await record('warehouse-worker-h265.mp4', 70_000);
    const answer = recordingsSchema.parse(
      await (await get(app, `recordings?from=${startMs - 10_000}&to=${startMs + 600_000}`)).json(),
    );
    assert.equal(answer.spans.length, 1);
    assert.equal(answer.spans[0]!.fromMs, startMs);
    assert.ok(Math.abs(answer.spans[0]!.toMs - (startMs + 70_000)) < 100);
    assert.deepEqual(answer.gaps[0], { fromMs: startMs - 10_000, toMs: startMs, reason: 'not-yet-added' });
    await done();
  });
});
