import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { systemClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { footagePath, needs, openTempFolder } from '@porchlight/base/testing';
import { cameraIdSchema } from '@porchlight/contract/ids';
import { openStream, type Stream } from '#stream';
import { openLiveServer, type LiveServer } from './live-server.ts';
import { readClip, type Clip } from './test/clip.ts';
import { openTestViewer } from './test/viewer.ts';

const camera = cameraIdSchema.parse('cam-1');
const request = { camera, stream: 'main', sid: 'session-1' } as const;

describe('WHEP', needs('ffmpeg', 'footage'), () => {
  let folder: ReturnType<typeof openTempFolder>;
  let stream: Stream;
  let live: LiveServer;

  beforeEach(async () => {
    folder = openTempFolder();
    const log = openFakeLog();
    const sourceStats = () => ({
      transport: 'file' as const,
      packetsReceived: 0,
      packetsLost: 0,
      bytesReceived: 0,
      reconnects: 0,
    });
    stream = openStream({ name: 'main', clock: systemClock, log, sourceStats });
    const findStream = (id: string, name: string) => (id === camera && name === 'main' ? stream : undefined);
    const socketPath = join(folder.path, 'live.sock');
    live = await openLiveServer({ socketPath, findStream, clock: systemClock, log, ice: { addresses: ['127.0.0.1'] } });
  });
  afterEach(async () => {
    await live.close();
    folder[Symbol.dispose]();
  });

  const feed = (clip: Clip, from: number, to: number): void => {
    stream.onTracks(clip.tracks);
    stream.onState({ status: 'online' });
    for (const { frame } of clip.frames.slice(from, to)) stream.onFrame(frame, systemClock.monotonicMs());
  };

  it('replays the group of pictures and goes on live, without a gap', async () => {
    const clip = readClip(footagePath('video', 'carpark-four-cars-exposure-drift.mp4'));
    feed(clip, 0, 20);
    const viewer = await openTestViewer();
    const answer = await live.whep(viewer.offer, request);
    assert.equal(answer.status, 201);
    if (answer.status !== 201) return;
    await viewer.accept(answer.sdp);
    await viewer.until(() => viewer.video.length > 5);
    feed(clip, 20, 54);
    await viewer.until(() => viewer.video.filter(({ header }) => header.marker).length === 54);
    const numbers = viewer.video.map(({ header }) => header.sequenceNumber);
    for (let index = 1; index < numbers.length; index++)
      assert.equal((numbers[index]! - numbers[index - 1]!) & 0xffff, 1);
    await viewer.close();
  });
});
