import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hono } from 'hono';
import { openArchive, type Archive } from '#archive';
import { openFakeVolume, type FakeVolume } from '#volume';
import { playbackRoutes } from '#playback';
import { openRecorder, type Recorder } from '#recorder';
import { openDrawnSource, openFeed, toFrameNumber, type DrawnSourceOptions, type Feed } from '#testing';
import { openFakeClock, type FakeClock } from '@porchlight/base/clock';
import { openFakeLog, type FakeLog } from '@porchlight/base/log';
import { openTempFolder } from '@porchlight/base/testing';
import { cameraIdSchema } from '@porchlight/contract/ids';
import { scanFragments, splitFragment, type FragmentFrame } from '@porchlight/media/fmp4';

const yard = cameraIdSchema.parse('yard');
const startMs = Date.UTC(2026, 0, 1, 0, 0, 30);

type House = {
  app: Hono;
  archive: Archive;
  volume: FakeVolume;
  clock: FakeClock;
  log: FakeLog;
  feed: Feed;
  recorder: Recorder;
  done: () => Promise<void>;
};

async function openHouse(options: DrawnSourceOptions = {}): Promise<House> {
  const folder = openTempFolder();
  const [volume, clock, log] = [openFakeVolume(), openFakeClock(startMs), openFakeLog()];
  const archive = await openArchive({ folder: folder.path, volume, clock, log });
  const recorder = openRecorder({
    camera: yard,
    stream: 'main',
    volume,
    clock,
    log,
    emit: (event) => archive.note(event),
  });
  const feed = openFeed({ source: openDrawnSource(options), reader: recorder, clock });
  recorder.onTracks(feed.tracks, feed.run);
  const done = async (): Promise<void> => {
    await recorder.close();
    await archive.close();
    folder[Symbol.dispose]();
  };
  return { app: playbackRoutes({ archive, volume, clock, log }), archive, volume, clock, log, feed, recorder, done };
}

const get = async (app: Hono, path: string, camera = 'yard'): Promise<Response> =>
  app.request(`/api/cameras/${camera}/${path}`);
const lines = async (response: Response): Promise<string[]> => (await response.text()).trimEnd().split('\n');

function framesOf(bytes: Uint8Array): FragmentFrame[] {
  const scan = scanFragments({
    sizeBytes: bytes.length,
    readAt: (offset, length) => bytes.subarray(offset, offset + length),
  });
  assert.equal(scan.stoppedAt, 'end');
  return scan.fragments.flatMap(({ offsetBytes, sizeBytes }) =>
    splitFragment(bytes.subarray(offsetBytes, offsetBytes + sizeBytes)),
  );
}

const videoOf = (frames: readonly FragmentFrame[]): FragmentFrame[] => frames.filter(({ trackId }) => trackId === 1);
const numbersOf = (frames: readonly FragmentFrame[]): number[] =>
  videoOf(frames).map(({ data }) => toFrameNumber(data, 'video'));
const bytesOf = async (response: Response): Promise<Uint8Array> => new Uint8Array(await response.arrayBuffer());

async function download(app: Hono, query: string): Promise<{ playlist: string[]; bytes: Uint8Array }> {
  const playlist = await lines(await get(app, `hls/index.m3u8?${query}`));
  const chunks: Uint8Array[] = [];
  for (const line of playlist) {
    const name = /^#EXT-X-MAP:URI="(.*)"$/.exec(line)?.[1] ?? (line.endsWith('.m4s') ? line : undefined);
    if (name !== undefined) chunks.push(await bytesOf(await get(app, `hls/${name}`)));
  }
  return { playlist, bytes: Buffer.concat(chunks) };
}

test('a playlist has one entry per group of pictures and one time line per run', async () => {
  const house = await openHouse({ audio: 'aac' });
  await house.feed.play(150_000);
  await house.recorder.close();
  await house.clock.advance(10_000);
  const { playlist, bytes } = await download(house.app, `from=${startMs}&to=${startMs + 160_000}`);
  assert.equal(playlist.filter((line) => line.startsWith('#EXTINF')).length, 76);
  assert.equal(playlist.filter((line) => line.startsWith('#EXT-X-MAP')).length, 1);
  assert.ok(!playlist.includes('#EXT-X-DISCONTINUITY'));
  assert.ok(playlist.includes('#EXT-X-TARGETDURATION:2') && playlist.at(-1) === '#EXT-X-ENDLIST');
  assert.ok(playlist.includes('#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:30.000Z'));
  const frames = framesOf(bytes);
  assert.deepEqual(
    videoOf(frames).map(({ ptsTicks }) => ptsTicks),
    Array.from({ length: 1501 }, (_, index) => index * 9_000),
  );
  const audio = frames.filter(({ trackId }) => trackId === 2);
  for (const [index, { ptsTicks }] of audio.entries()) {
    if (index > 0)
      assert.ok(Math.abs(ptsTicks - audio[index - 1]!.ptsTicks - 1024) <= 1, 'the sound goes on over files');
  }
  await house.done();
});

test('a playlist starts with the key frame before the time asked for and points the player at it', async () => {
  const house = await openHouse();
  await house.feed.play(30_000);
  await house.recorder.close();
  await house.clock.advance(10_000);
  const { playlist, bytes } = await download(house.app, `from=${startMs + 5_300}&to=${startMs + 9_000}`);
  assert.ok(playlist.includes('#EXT-X-START:TIME-OFFSET=1.300,PRECISE=YES'));
  assert.deepEqual([numbersOf(framesOf(bytes))[0], numbersOf(framesOf(bytes)).at(-1)], [40, 99]);
  await house.done();
});

test('a playlist that reaches into the open segment has whole groups only, no end, and grows', async () => {
  const house = await openHouse();
  await house.feed.play(9_000);
  const query = `from=${startMs}&to=${startMs + 60_000}`;
  const first = await download(house.app, query);
  assert.equal(first.playlist.filter((line) => line.startsWith('#EXTINF')).length, 4);
  assert.ok(!first.playlist.includes('#EXT-X-ENDLIST') && first.playlist.includes('#EXT-X-PLAYLIST-TYPE:EVENT'));
  assert.ok(first.playlist.includes('#EXT-X-START:TIME-OFFSET=0.000,PRECISE=YES'));
  await house.feed.play(4_000);
  const second = await download(house.app, query);
  assert.deepEqual(second.playlist.slice(0, first.playlist.length), first.playlist, 'only appended to');
  assert.deepEqual(
    numbersOf(framesOf(second.bytes)),
    Array.from({ length: 120 }, (_, index) => index),
  );
  const past = await lines(await get(house.app, `hls/index.m3u8?from=${startMs}&to=${startMs + 5_000}`));
  assert.equal(past.at(-1), '#EXT-X-ENDLIST', 'a span that is over is over');
  await house.done();
});

test('between two files, before the new one has anything, a playlist does not end', async () => {
  const house = await openHouse({ gopLength: 10 });
  await house.feed.play(30_200);
  const playlist = await lines(await get(house.app, `hls/index.m3u8?from=${startMs}&to=${startMs + 60_000}`));
  assert.notEqual(playlist.at(-1), '#EXT-X-ENDLIST');
  await house.done();
});

test('runs are told apart: discontinuity, map and date', async () => {
  const house = await openHouse();
  await house.feed.play(10_000);
  house.recorder.onEnd({ reason: 'network', wallMs: house.clock.nowMs() });
  await house.clock.advance(5_000);
  house.recorder.onTracks(house.feed.tracks, { id: 'run-2', startWallMs: house.clock.nowMs() });
  await house.feed.play(10_000);
  await house.recorder.close();
  await house.clock.advance(10_000);
  const { playlist, bytes } = await download(house.app, `from=${startMs}&to=${startMs + 60_000}`);
  const at = playlist.indexOf('#EXT-X-DISCONTINUITY');
  assert.ok(
    at > 0 && playlist[at + 1]!.startsWith('#EXT-X-MAP') && playlist[at + 2]!.startsWith('#EXT-X-PROGRAM-DATE-TIME'),
  );
  assert.ok(bytes.length > 0);
  await house.done();
});

test('an export keeps a gap as time and pictures to the end asked for', async () => {
  const house = await openHouse({ audio: 'aac' });
  await house.feed.play(10_000);
  house.recorder.onEnd({ reason: 'network', wallMs: house.clock.nowMs() });
  await house.clock.advance(20_000);
  const second = openFeed({ source: openDrawnSource({ audio: 'aac' }), reader: house.recorder, clock: house.clock });
  house.recorder.onTracks(second.tracks, { id: 'run-2', startWallMs: house.clock.nowMs() });
  await second.play(10_000);
  await house.recorder.close();
  await house.clock.advance(1_000);
  const response = await get(house.app, `export.mp4?from=${startMs + 4_700}&to=${startMs + 35_000}`);
  assert.equal(response.headers.get('Porchlight-From-Ms'), String(startMs + 4_000));
  assert.equal(response.headers.get('Porchlight-To-Ms'), String(startMs + 35_000));
  assert.equal(response.headers.get('Porchlight-Ended-Because'), null);
  const frames = framesOf(await bytesOf(response));
  const video = videoOf(frames);
  assert.deepEqual(numbersOf(frames), [
    ...Array.from({ length: 61 }, (_, index) => 40 + index),
    ...Array.from({ length: 50 }, (_, index) => index),
  ]);
  assert.equal(video[0]!.ptsTicks, 0);
  assert.equal(video[61]!.ptsTicks, 26_000 * 90, 'the gap lasts as long as it did');
  assert.equal(
    video[60]!.dtsTicks + video[60]!.durationTicks,
    video[61]!.dtsTicks,
    'the last picture stays until then',
  );
  const audio = frames.filter(({ trackId }) => trackId === 2);
  assert.ok(audio.every(({ dtsTicks }) => dtsTicks >= 0 && dtsTicks < 31 * 16_000));
  assert.ok(audio.length > (10 * 16_000) / 1024);
  await house.done();
});

test('an export ends where the picture format changes and says so', async () => {
  const house = await openHouse();
  await house.feed.play(10_000);
  const [video] = house.feed.tracks;
  assert.ok(video?.kind === 'video');
  house.recorder.onTracks([{ ...video, widthPx: 320 }], house.feed.run);
  await house.feed.play(10_000);
  await house.recorder.close();
  const response = await get(house.app, `export.mp4?from=${startMs}&to=${startMs + 20_000}`);
  assert.equal(response.headers.get('Porchlight-Ended-Because'), 'format-changed');
  assert.equal(response.headers.get('Porchlight-To-Ms'), String(startMs + 12_000));
  assert.equal(numbersOf(framesOf(await bytesOf(response))).length, 120);
  await house.done();
});

test('an export reads only as fast as it is taken, and lets go when the receiver leaves', async () => {
  const house = await openHouse({ pictureBytes: 5_000 });
  await house.feed.play(120_000);
  await house.recorder.close();
  let reads = 0;
  let open = 0;
  const openReader = house.volume.openReader.bind(house.volume);
  house.volume.openReader = async (path) => {
    const reader = await openReader(path);
    open++;
    const close = (): Promise<void> => (open--, reader.close());
    const read: typeof reader.read = (offset, length) => (reads++, reader.read(offset, length));
    return { ...reader, close, read };
  };
  const response = await get(house.app, `export.mp4?from=${startMs}&to=${startMs + 120_000}`);
  const body = response.body!.getReader();
  await body.read();
  await body.read();
  await house.clock.advance(50);
  assert.ok(reads <= 3, `${reads} fragments read for two pieces taken`);
  await body.cancel();
  await house.clock.advance(50);
  assert.equal(open, 0);
  await house.done();
});

test('an export goes on over a file that was deleted meanwhile', async () => {
  const house = await openHouse();
  await house.feed.play(150_000);
  await house.recorder.close();
  await house.clock.advance(300);
  const response = await get(house.app, `export.mp4?from=${startMs}&to=${startMs + 150_000}`);
  await house.volume.remove('yard/main/2026-01-01/00-01-00.000Z.mp4');
  const numbers = numbersOf(framesOf(await bytesOf(response)));
  assert.ok(numbers.includes(299) && !numbers.includes(300) && numbers.includes(900));
  await house.done();
});

test('the key frame at a time is one picture, from closed and open files', async () => {
  const house = await openHouse({ audio: 'aac' });
  await house.feed.play(45_000);
  for (const [atMs, number] of [
    [startMs + 3_999, 20],
    [startMs + 4_000, 40],
    [startMs + 43_000, 420],
  ] as const) {
    const response = await get(house.app, `keyframe.mp4?at=${atMs}`);
    assert.equal(response.headers.get('Porchlight-At-Ms'), String(startMs + number * 100));
    const frames = framesOf(await bytesOf(response));
    assert.deepEqual(
      frames.map(({ data, ptsTicks, trackId }) => [toFrameNumber(data, 'video'), ptsTicks, trackId]),
      [[number, 0, 1]],
    );
  }
  await house.done();
});

test('a part belongs to its camera and to whole fragments, or is not there', async () => {
  const house = await openHouse();
  await house.feed.play(10_000);
  const playlist = await lines(await get(house.app, `hls/index.m3u8?from=${startMs}&to=${startMs + 10_000}`));
  const part = playlist.find((line) => line.endsWith('.m4s'))!;
  const [segment, offset, length] = part.replace('.m4s', '').split('-').map(Number);
  assert.equal((await get(house.app, `hls/${part}`)).headers.get('Content-Length'), String(length));
  const wrong = [
    `${segment}-${offset! + 1}-${length}.m4s`,
    `${segment}-${offset}-${length! - 1}.m4s`,
    `999-${offset}-${length}.m4s`,
  ];
  const odd = ['x.m4s', '..%2f..%2findex.sqlite', `${'a'.repeat(32)}.mp4`, `${segment}-${offset}-99999999999.m4s`];
  for (const name of [...wrong, ...odd]) {
    const response = await get(house.app, `hls/${name}`);
    assert.equal(response.status, 404, name);
    assert.equal(((await response.json()) as { kind: string }).kind, 'not-found');
  }
  assert.equal((await get(house.app, `hls/${part}`, 'porch')).status, 404);
  assert.equal((await get(house.app, `hls/${part}`, '..')).status, 404);
  await house.done();
});

test('a grant for a span opens the pieces that reach into it and no others', async () => {
  const house = await openHouse();
  await house.feed.play(10_000);
  const playlist = await lines(await get(house.app, `hls/index.m3u8?from=${startMs}&to=${startMs + 10_000}`));
  const parts = playlist.filter((line) => line.endsWith('.m4s'));
  const init = /URI="(.*)"/.exec(playlist.find((line) => line.startsWith('#EXT-X-MAP'))!)![1]!;
  const statusesFor = async (grant: object): Promise<number[]> => {
    const app = new Hono();
    app.use(async (context, next) => {
      context.set('grant' as never, grant as never);
      await next();
    });
    app.route('/', house.app);
    return Promise.all([init, ...parts].map(async (name) => (await get(app, `hls/${name}`)).status));
  };
  const last = parts.length;
  const start = await statusesFor({ toMs: startMs + 500 });
  assert.deepEqual([start[0], start[1], start[last]], [200, 200, 403]);
  const end = await statusesFor({ fromMs: startMs + 6_000 });
  assert.deepEqual([end[0], end[1], end[last]], [200, 403, 200]);
  assert.ok((await statusesFor({})).every((status) => status === 200));
  await house.done();
});

test('a bad question is answered with what to do, and nothing is looked up without bounds', async () => {
  const house = await openHouse();
  await house.feed.play(3_000);
  const cases = [
    ['recordings', 400],
    ['recordings?from=5&to=5', 400],
    ['recordings?from=9&to=5', 400],
    ['recordings?from=x&to=5', 400],
    ['recordings?from=-1&to=5', 400],
    [`recordings?from=0&to=${startMs}`, 400],
    [`hls/index.m3u8?from=${startMs}&to=${startMs + 13 * 3_600_000}`, 400],
    [`hls/index.m3u8?from=${startMs}&to=${startMs + 9_000}&stream=other`, 400],
    ['hls/index.m3u8?from=1&to=2', 404],
    [`export.mp4?from=${startMs}&to=${startMs + 25 * 3_600_000}`, 400],
    ['export.mp4?from=1&to=2', 404],
    ['keyframe.mp4', 400],
    ['keyframe.mp4?at=1', 404],
  ] as const;
  for (const [path, status] of cases) {
    const response = await get(house.app, path);
    assert.equal(response.status, status, path);
    const error = (await response.json()) as { kind: string; message: string; fix: string };
    assert.ok(error.kind !== 'internal' && error.message.length > 10 && error.fix.length > 5, path);
  }
  assert.deepEqual(house.log.lines, []);
  await house.done();
});
