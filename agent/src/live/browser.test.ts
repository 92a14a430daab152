import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { chromium, type Browser, type Page } from 'playwright-core';
import { systemClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { footagePath, needs, openTempFolder } from '@porchlight/base/testing';
import { cameraIdSchema } from '@porchlight/contract/ids';
import { openStream, type Stream } from '#stream';
import { openLiveServer, type LiveServer } from './live-server.ts';
import { readClip, type Clip } from './test/clip.ts';
import { playLoop, withTone } from './test/loop.ts';
import { openPageServer } from './test/page-server.ts';

type Inbound = { framesDecoded?: number; packetsLost: number; packetsReceived: number; pliCount?: number };
type WhepSeen = {
  status: number;
  error?: { reason: string };
  firstMs: number;
  width: number;
  height: number;
  video?: Inbound;
  audio?: Inbound;
  cipher?: string;
};
type MseSeen = {
  texts: { kind: string; codecs?: string }[];
  fault: string;
  ranges: number;
  lagMs: number;
  width: number;
  height: number;
};

const camera = cameraIdSchema.parse('cam-1');
const request = { camera, stream: 'main', sid: 'session-1' } as const;
/** WebRTC in Chromium never connects over loopback alone. */
const hasAddress = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ internal, family }) => !internal && family === 'IPv4'),
);

describe('live view in Chromium', needs('chromium', 'ffmpeg', 'footage'), () => {
  let browser: Browser;
  let page: Page;
  let folder: ReturnType<typeof openTempFolder>;
  let stream: Stream;
  let live: LiveServer;
  let server: Awaited<ReturnType<typeof openPageServer>>;
  let stopPlaying: () => void;

  before(async () => {
    const args = [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
    ];
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', headless: true, args });
  });
  after(() => browser.close());

  beforeEach(async () => {
    folder = openTempFolder();
    const sourceStats = () => ({
      transport: 'file' as const,
      packetsReceived: 0,
      packetsLost: 0,
      bytesReceived: 0,
      reconnects: 0,
    });
    const log = openFakeLog();
    stream = openStream({ name: 'main', clock: systemClock, log, sourceStats });
    const socketPath = join(folder.path, 'live.sock');
    live = await openLiveServer({ socketPath, findStream: () => stream, clock: systemClock, log });
    server = await openPageServer({ live, socketPath, request });
    page = await browser.newPage();
    await page.goto(server.url);
    stopPlaying = () => undefined;
  });
  afterEach(async () => {
    stopPlaying();
    await page.close();
    await live.close();
    await server.close();
    folder[Symbol.dispose]();
  });

  const onNetwork = { skip: hasAddress ? false : 'needs an address that is not loopback' };
  const baseline = 'carpark-four-cars-exposure-drift.mp4';
  const play = async (clip: Clip): Promise<void> => {
    stopPlaying = playLoop(clip, stream);
    const wanted = clip.tracks.find((track) => track.kind === 'video')!.codecString;
    // What played before is still announced until the first key frame of this clip.
    const isPlaying = (): boolean =>
      stream.tracks.some((track) => track.codecString === wanted) && stream.gop.length >= 5;
    while (!isPlaying()) await new Promise((resolve) => setTimeout(resolve, 20));
  };

  it('shows a WHEP stream with G.711 sound, nothing lost', onNetwork, async () => {
    await play(withTone(readClip(footagePath('video', baseline))));
    // A browser that gets no processor loses packets in its own socket: of some views one must be whole.
    let seen = await page.evaluate<WhepSeen>('playWhep(40, 60)');
    for (let tries = 1; tries < 6 && (seen.video?.packetsLost !== 0 || seen.video.pliCount !== 0); tries++)
      seen = await page.evaluate<WhepSeen>('playWhep(40, 60)');
    assert.equal(seen.status, 201);
    assert.deepEqual([seen.width, seen.height], [768, 432]);
    assert.ok(seen.video!.framesDecoded! >= 40);
    assert.equal(seen.video!.packetsLost, 0);
    assert.equal(seen.video!.pliCount, 0);
    assert.ok(seen.audio!.packetsReceived > 50);
    assert.equal(seen.cipher, 'SRTP_AEAD_AES_128_GCM');
    assert.equal((server.answers[0] as { audio: string }).audio, 'sent');
  });

  it("refuses H.265 and B pictures over WHEP with words, from the browser's own offer", async () => {
    await play(readClip(footagePath('video', 'warehouse-worker-h265.mp4')));
    const h265 = await page.evaluate<WhepSeen>('playWhep(1)');
    assert.deepEqual([h265.status, h265.error?.reason], [406, 'h265-not-offered']);
    stopPlaying();
    await play(readClip(footagePath('video', 'indoor-two-persons-one-by-one.mp4')));
    const bPictures = await page.evaluate<WhepSeen>('playWhep(1)');
    assert.deepEqual([bPictures.status, bPictures.error?.reason], [406, 'b-frames']);
  });

  for (const [what, clip, codecs] of [
    ['B pictures', () => readClip(footagePath('video', 'indoor-two-persons-one-by-one.mp4')), /^avc1\.4d/],
    ['AAC', () => readClip(footagePath('video', baseline), { audio: true }), /^avc1\.42.*,mp4a\.40\.2$/],
    ['G.711 as FLAC', () => withTone(readClip(footagePath('video', baseline))), /^avc1\.42.*,flac$/],
  ] as const) {
    it(`plays ${what} over MSE, in one piece`, async () => {
      await play(clip());
      const seen = await page.evaluate<MseSeen>(`playMse('/api/cameras/${camera}/mse?audio=true', 40)`);
      assert.equal(seen.fault, '');
      assert.match(seen.texts[0]!.codecs!, codecs);
      assert.equal(seen.ranges, 1);
      assert.ok(seen.lagMs < 2000, `lag ${seen.lagMs} ms`);
      assert.ok(seen.width > 0 && seen.height > 0);
    });
  }
});
