import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { RtpPacket } from 'werift';
import { openFakeClock, type FakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { footagePath, needs, openTempFolder } from '@porchlight/base/testing';
import { cameraIdSchema } from '@porchlight/contract/ids';
import type { CodedFrame, VideoFrame } from '@porchlight/media/frame';
import { openH264Depacketizer } from '@porchlight/media/h264';
import { openH265Depacketizer } from '@porchlight/media/h265';
import { writeRtcp } from '@porchlight/media/rtp';
import { openStream, type Stream } from '#stream';
import { openLiveServer, type LiveServer } from './live-server.ts';
import { readClip, type Clip } from './test/clip.ts';
import { withTone } from './test/loop.ts';
import { openTestViewer, type TestViewer } from './test/viewer.ts';

const camera = cameraIdSchema.parse('cam-1');
const request = { camera, stream: 'main', sid: 'session-1' } as const;
const baseline = 'carpark-four-cars-exposure-drift.mp4';
const h265Offer = { videoMime: 'video/H265', parameters: 'level-id=93;profile-id=1;tier-flag=0;tx-mode=SRST' };

/** What a receiver makes of the packets, as a house of the other side would. */
function depacketize(clip: Clip, packets: readonly RtpPacket[]): VideoFrame[] {
  const frames: VideoFrame[] = [];
  const track = clip.tracks[0]!;
  assert.equal(track.kind, 'video');
  const sink = {
    onTrack: () => undefined,
    onFrame: (frame: CodedFrame) => void (frame.kind === 'video' && frames.push(frame)),
    onDamage: (damage: unknown) => assert.fail(JSON.stringify(damage)),
  };
  const open = track.codec === 'h264' ? openH264Depacketizer : openH265Depacketizer;
  const depacketizer = open({ track: 0, clockRateHz: 90_000, sink, parameterSets: [] });
  for (const { header, payload } of packets)
    depacketizer.push(new Uint8Array(payload), header.timestamp, header.marker);
  depacketizer.flush();
  return frames;
}

/** The slices of a frame, in one piece each. */
function slices(frame: VideoFrame, codec: string): string[] {
  const isSlice = (type: number): boolean => (codec === 'h264' ? type <= 5 : type < 32);
  return frame.nalUnits.filter(({ type }) => isSlice(type)).map(({ parts }) => Buffer.concat(parts).toString('hex'));
}

describe('WHEP', needs('ffmpeg', 'footage'), () => {
  let folder: ReturnType<typeof openTempFolder>;
  let clock: FakeClock;
  let stream: Stream;
  let live: LiveServer;
  let viewers: TestViewer[];

  beforeEach(async () => {
    folder = openTempFolder();
    viewers = [];
    clock = openFakeClock();
    const log = openFakeLog();
    const sourceStats = () => ({
      transport: 'file' as const,
      packetsReceived: 0,
      packetsLost: 0,
      bytesReceived: 0,
      reconnects: 0,
    });
    stream = openStream({ name: 'main', clock, log, sourceStats });
    const findStream = (id: string, name: string) => (id === camera && name === 'main' ? stream : undefined);
    const socketPath = join(folder.path, 'live.sock');
    const caps = { perCamera: 2, perProcess: 3 };
    live = await openLiveServer({ socketPath, findStream, clock, log, ice: { addresses: ['127.0.0.1'] }, caps });
  });
  afterEach(async () => {
    for (const viewer of viewers) await viewer.close();
    await live.close();
    folder[Symbol.dispose]();
  });

  const feed = async (clip: Clip, from: number, to: number): Promise<void> => {
    stream.onTracks(clip.tracks);
    stream.onState({ status: 'online' });
    for (const { frame, dueMs } of clip.frames.slice(from, to)) {
      const aheadMs = dueMs - clip.frames[0]!.dueMs - clock.monotonicMs();
      if (aheadMs > 0) await clock.advance(aheadMs);
      stream.onFrame(frame, clock.monotonicMs());
    }
  };
  /** Waits for what the network brings; the house's clock stands still meanwhile, so that nobody counts as silent. */
  const until = async (what: string, isSo: () => boolean): Promise<void> => {
    const limitMs = performance.now() + 60_000;
    while (!isSo()) {
      assert.ok(performance.now() < limitMs, `not ${what} in 60 s: ${JSON.stringify(live.stats())}`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  const isConnected =
    ({ pc }: TestViewer) =>
    () =>
      pc.connectionState === 'connected';
  const openViewer = async (options?: Parameters<typeof openTestViewer>[0]): Promise<TestViewer> => {
    const viewer = await openTestViewer(options);
    viewers.push(viewer);
    return viewer;
  };
  /** Connects a viewer and lets the replay run to its end. */
  const connect = async (viewer: TestViewer): Promise<{ sdp: string; leaseId: string; audio: string }> => {
    const answer = await live.whep(viewer.offer, request);
    if (answer.status !== 201) assert.fail(JSON.stringify(answer));
    await viewer.accept(answer.sdp);
    await until('connected', isConnected(viewer));
    if (stream.gop.length > 0) await until('sending', () => live.stats().whep.packetsSent > 0);
    return answer;
  };
  const replay = async (viewer: TestViewer, frames: number): Promise<void> => {
    const marked = (): number => viewer.video.filter(({ header }) => header.marker).length;
    for (let idle = 0; idle < 40 && marked() < frames;) {
      const before = live.stats().whep.packetsSent;
      await clock.advance(5);
      idle = live.stats().whep.packetsSent === before ? idle + 1 : 0;
    }
    await until(`at ${frames} pictures`, () => marked() >= frames);
    assert.equal(marked(), frames);
  };
  const assertNoGap = (packets: readonly RtpPacket[]): void => {
    for (let index = 1; index < packets.length; index++) {
      const step = packets[index]!.header.sequenceNumber - packets[index - 1]!.header.sequenceNumber;
      assert.equal(step & 0xffff, 1, `at packet ${index}`);
    }
  };

  for (const [what, file, options] of [
    ['H.264', baseline, undefined],
    ['H.265', 'warehouse-worker-h265.mp4', h265Offer],
  ] as const) {
    it(`replays the group of pictures of ${what} and goes on live, without a gap, byte for byte`, async () => {
      const clip = readClip(footagePath('video', file));
      await feed(clip, 0, 20);
      const viewer = await openViewer(options);
      await connect(viewer);
      await replay(viewer, 20);
      await feed(clip, 20, 60);
      await replay(viewer, 60);
      assertNoGap(viewer.video);
      const { codec, clockRateHz } = clip.tracks[0] as { codec: string; clockRateHz: number };
      const seen = depacketize(clip, viewer.video);
      assert.equal(seen.length, 60);
      for (const [index, frame] of seen.entries()) {
        const sent = clip.frames[index]!.frame as VideoFrame;
        assert.deepEqual(slices(frame, codec), slices(sent, codec), `frame ${index}`);
        assert.equal(frame.ptsTicks, Math.round((sent.ptsTicks * 90_000) / clockRateHz) >>> 0, `frame ${index}`);
        if (sent.key)
          assert.ok(
            frame.nalUnits.some(({ type }) => type === (codec === 'h264' ? 7 : 33)),
            'no SPS',
          );
      }
      for (const { payload } of viewer.video) assert.ok(payload.length <= 1180);
    });
  }

  it('paces the replay: ten packets in five milliseconds', async () => {
    await feed(readClip(footagePath('video', baseline)), 0, 40);
    const viewer = await openViewer();
    const answer = await live.whep(viewer.offer, request);
    assert.equal(answer.status, 201);
    if (answer.status !== 201) return;
    await viewer.accept(answer.sdp);
    await until('sending', () => live.stats().whep.packetsSent > 0);
    assert.equal(live.stats().whep.packetsSent, 10);
    await clock.advance(5);
    assert.equal(live.stats().whep.packetsSent, 20);
    await clock.advance(10);
    assert.equal(live.stats().whep.packetsSent, 40);
  });

  it('waits for the next key frame where that is asked for', async () => {
    const clip = readClip(footagePath('video', baseline));
    const key = clip.frames.findIndex(({ frame }, index) => index > 0 && frame.kind === 'video' && frame.key);
    await feed(clip, 0, key - 3);
    const viewer = await openViewer();
    const answer = await live.whep(viewer.offer, { ...request, start: 'next' });
    if (answer.status !== 201) assert.fail(JSON.stringify(answer));
    await viewer.accept(answer.sdp);
    await until('connected', isConnected(viewer));
    await feed(clip, key - 3, key);
    assert.equal(live.stats().whep.packetsSent, 0);
    await feed(clip, key, key + 2);
    await replay(viewer, 2);
    assert.equal(depacketize(clip, viewer.video)[0]!.key, true);
  });

  it('names the address first at which the viewer came', async () => {
    await feed(readClip(footagePath('video', baseline)), 0, 5);
    const first = async (reachedAt: string): Promise<string | undefined> => {
      const answer = await live.whep((await openViewer()).offer, { ...request, reachedAt });
      if (answer.status !== 201) assert.fail(JSON.stringify(answer));
      assert.equal(live.closeLease(answer.leaseId, request.sid), true);
      return /a=candidate:\S+ 1 udp \d+ (\S+)/.exec(answer.sdp)?.[1];
    };
    assert.equal(await first('127.0.0.1'), '127.0.0.1');
    const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    const other = own.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
    if (other !== undefined) assert.equal(await first(other), other);
  });

  it('carries G.711 as it is, and says so', async () => {
    const clip = withTone(readClip(footagePath('video', baseline)));
    await feed(clip, 0, 40);
    const viewer = await openViewer();
    const { audio } = await connect(viewer);
    assert.equal(audio, 'sent');
    const video = clip.frames.slice(0, 40).filter(({ frame }) => frame.kind === 'video').length;
    await replay(viewer, video);
    await feed(clip, 40, 140);
    await until('at 50 packets of sound', () => viewer.audio.length >= 50);
    assertNoGap(viewer.audio);
    assert.equal(viewer.audio[0]!.header.payloadType, 8);
    for (let index = 1; index < 50; index++)
      assert.equal(viewer.audio[index]!.header.timestamp - viewer.audio[index - 1]!.header.timestamp, 160);
  });

  it('leaves AAC out and says where it can be heard', async () => {
    const clip = readClip(footagePath('video', baseline), { audio: true });
    await feed(clip, 0, 40);
    const answer = await live.whep((await openViewer()).offer, request);
    assert.equal(answer.status, 201);
    if (answer.status !== 201) return;
    assert.equal(answer.audio, 'aac-needs-mse');
    assert.match(answer.sdp, /m=audio 9 [^]*a=inactive/);
  });

  it('sends lost packets again, though the NACK comes in a compound', async () => {
    await feed(readClip(footagePath('video', baseline)), 0, 20);
    const viewer = await openViewer();
    await connect(viewer);
    await replay(viewer, 20);
    const { ssrc, sequenceNumber } = viewer.video[3]!.header;
    const compound = writeRtcp([
      { kind: 'receiver-report', ssrc: 1, reports: [] },
      { kind: 'nack', ssrc: 1, mediaSsrc: ssrc, sequenceNumbers: [sequenceNumber] },
      { kind: 'source-description', ssrc: 1, cname: 'viewer-with-a-long-name' },
    ]);
    const dtls = viewer.pc.dtlsTransports[0]!;
    await dtls.iceTransport.connection.send(dtls.srtcp.encrypt(Buffer.from(compound)));
    await until('sent again', () => live.stats().whep.packetsResent > 0);
    assert.deepEqual([live.stats().whep.packetsResent, live.stats().whep.nacksIgnored], [1, 0]);
  });

  it('refuses what it cannot show, in words', async () => {
    const { offer } = await openViewer();
    const refusal = async (sdp: string, stream: 'main' | 'sub' = 'main'): Promise<(string | number | undefined)[]> => {
      const answer = await live.whep(sdp, { ...request, stream });
      if (answer.status === 201) assert.fail('not refused');
      assert.ok(answer.error.message.length > 10 && answer.error.fix);
      return [answer.status, answer.error.kind, answer.error.reason];
    };
    assert.deepEqual(await refusal('v=0'), [400, 'invalid', 'bad-offer']);
    assert.deepEqual(await refusal(offer, 'sub'), [404, 'not-found', 'no-stream']);
    assert.deepEqual(await refusal(offer), [503, 'unavailable', 'no-video']);
    await feed(readClip(footagePath('video', 'warehouse-worker-h265.mp4')), 0, 5);
    assert.deepEqual(await refusal(offer), [406, 'invalid', 'h265-not-offered']);
    await feed(readClip(footagePath('video', 'indoor-two-persons-one-by-one.mp4')), 0, 30);
    assert.deepEqual(await refusal(offer), [406, 'invalid', 'b-frames']);
    assert.equal(live.stats().leases.length, 0);
  });

  it('notices viewers that fall silent after five seconds, and those that never come after ten', async () => {
    await feed(readClip(footagePath('video', baseline)), 0, 10);
    const viewer = await openViewer();
    await connect(viewer);
    const stranger = await live.whep((await openViewer()).offer, request);
    assert.equal(stranger.status, 201);
    assert.equal(live.stats().leases.length, 2);
    await viewer.close();
    await clock.advance(7000);
    assert.equal(live.stats().leases.length, 1);
    await clock.advance(5000);
    assert.equal(live.stats().leases.length, 0);
    assert.equal(stream.readers, 0);
  });

  it('caps viewers, ends them by lease and by session, and lets only the owner do so', async () => {
    await feed(readClip(footagePath('video', baseline)), 0, 10);
    const open = async (sid: string) => live.whep((await openViewer()).offer, { ...request, sid });
    const first = await open('a');
    const second = await open('b');
    const third = await open('c');
    assert.equal(third.status, 503);
    if (first.status !== 201 || second.status !== 201) assert.fail('refused');
    assert.equal(live.closeLease(first.leaseId, 'b'), false);
    assert.equal(live.closeLease(first.leaseId, 'a'), true);
    assert.equal(live.closeLease(first.leaseId, 'a'), false);
    assert.equal(live.closeSessions(['b']), 1);
    assert.equal(live.stats().leases.length, 0);
    assert.equal(stream.readers, 0);
    assert.equal((await open('c')).status, 201);
  });

  it('ends viewers whose camera changes its coding', async () => {
    await feed(readClip(footagePath('video', baseline)), 0, 10);
    await connect(await openViewer());
    stream.onState({ status: 'offline' });
    await feed(readClip(footagePath('video', 'warehouse-worker-h265.mp4')), 0, 3);
    assert.equal(live.stats().leases.length, 0);
  });

  it('goes on after the camera was away: same viewer, numbers and times without a jump back', async () => {
    const clip = readClip(footagePath('video', baseline));
    await feed(clip, 0, 20);
    const viewer = await openViewer();
    await connect(viewer);
    await replay(viewer, 20);
    stream.onState({ status: 'offline' });
    await clock.advance(3000);
    await feed(clip, 0, 10);
    await replay(viewer, 30);
    assertNoGap(viewer.video);
    const times = viewer.video.map(({ header }) => header.timestamp);
    for (let index = 1; index < times.length; index++) assert.ok(times[index]! >= times[index - 1]!);
    assert.ok(times.at(-1)! - times[0]! > 90 * 3000);
  });
});
