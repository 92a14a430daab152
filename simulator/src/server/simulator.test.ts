import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { openFakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { parseUtf8 } from '@porchlight/media/bytes';
import { parseRtcp } from '@porchlight/media/rtp';
import { getHeader, parseRtpInfo, parseTransport } from '@porchlight/media/rtsp';
import { parseSdp } from '@porchlight/media/sdp';
import { openSimulator, type Simulator, type SimulatorOptions } from './index.ts';
import { openTestClient, type Packet, type TestClient } from './test/test-client.ts';
import { makeTestMovie } from './test/test-movie.ts';

const closers: (() => Promise<void> | void)[] = [];
after(async () => {
  for (const close of closers.toReversed()) await close();
});

async function open(options: Partial<SimulatorOptions> = {}) {
  const clock = openFakeClock();
  const simulator = await openSimulator({
    clock,
    log: openFakeLog(),
    streams: { main: { movie: makeTestMovie() } },
    port: 0,
    ...options,
  });
  closers.push(() => simulator.close());
  return { clock, simulator };
}

async function connect(
  simulator: Simulator,
  name = 'main',
  credentials?: SimulatorOptions['credentials'],
): Promise<TestClient> {
  const client = await openTestClient(simulator.url(name), credentials);
  closers.push(() => client.close());
  return client;
}

const ofTrack = (client: TestClient, track: number): Packet[] =>
  client.packets.filter((packet) => packet.track === track);
const isKeyPacket = ({ track, payload }: Packet): boolean => track === 0 && (payload[0]! & 0x1f) === 24;
const steps = (values: readonly number[], modulo: number): Set<number> =>
  new Set(values.slice(1).map((value, index) => (value - values[index]! + modulo) % modulo));

describe('a simulated camera', () => {
  test('answers every method, describes its tracks and says where they begin', async () => {
    const { clock, simulator } = await open();
    const client = await connect(simulator);
    assert.match(getHeader((await client.request('OPTIONS')).headers, 'public') ?? '', /GET_PARAMETER/);
    const described = await client.request('DESCRIBE');
    const { media } = parseSdp(parseUtf8(described.body));
    assert.deepEqual(
      media.map(({ control, payloads }) => [control, payloads[0]?.encoding, payloads[0]?.payloadType]),
      [
        ['trackID=0', 'H264', 96],
        ['trackID=1', 'PCMU', 0],
      ],
    );
    assert.equal(getHeader(described.headers, 'content-base'), `${simulator.url('main')}/`);
    assert.equal((await client.request('PLAY')).status, 454);
    const setup = await client.request('SETUP', '/trackID=0', [['Transport', 'RTP/AVP/TCP;unicast;interleaved=4-5']]);
    const [transport] = parseTransport(getHeader(setup.headers, 'transport') ?? '');
    assert.deepEqual(transport?.interleaved, [4, 5]);
    const played = await client.request('PLAY');
    const [info] = parseRtpInfo(getHeader(played.headers, 'rtp-info') ?? '');
    await clock.advance(5);
    await client.until(() => client.packets.length > 0);
    const [first] = client.packets;
    assert.deepEqual([first?.track, first?.sequence, first?.ssrc], [2, info?.sequence, transport?.ssrc]);
    assert.equal(first?.timestamp, info?.rtpTimestamp);
    assert.equal((await client.request('GET_PARAMETER')).status, 200);
    assert.equal((await client.request('PAUSE')).status, 200);
    assert.equal(simulator.clients('main'), 0);
    assert.equal((await client.request('TEARDOWN')).status, 200);
    assert.equal((await client.request('RECORD')).status, 501);
    assert.equal((await client.request('DESCRIBE', '/other')).status, 404);
  });

  test('refuses transports it does not have and tracks that are not there', async () => {
    const { simulator } = await open();
    const client = await connect(simulator);
    const setUp = async (path: string, transport: string): Promise<number> =>
      (await client.request('SETUP', path, [['Transport', transport]])).status;
    assert.equal(await setUp('/trackID=0', 'RTP/AVP;multicast'), 461);
    assert.equal(await setUp('/trackID=9', 'RTP/AVP/TCP;unicast;interleaved=0-1'), 404);
    assert.equal(await setUp('', 'RTP/AVP/TCP;unicast;interleaved=0-1'), 404);
  });

  test('plays over the seam with growing timestamps, evenly spaced, and no missing sequence number', async () => {
    const { clock, simulator } = await open();
    const client = await connect(simulator);
    await client.play();
    await clock.advance(3000);
    await client.until(
      () => ofTrack(client, 1).length >= 150 && ofTrack(client, 0).filter(({ marker }) => marker).length >= 75,
    );
    const video = ofTrack(client, 0);
    assert.deepEqual(
      steps(
        video.filter(({ marker }) => marker).map(({ timestamp }) => timestamp),
        2 ** 32,
      ),
      new Set([3600]),
    );
    assert.deepEqual(
      steps(
        video.map(({ sequence }) => sequence),
        2 ** 16,
      ),
      new Set([1]),
    );
    assert.deepEqual(
      steps(
        ofTrack(client, 1).map(({ timestamp }) => timestamp),
        2 ** 32,
      ),
      new Set([160]),
    );
  });

  test('gives all clients of a stream the same packets, on the channels each asked for', async () => {
    const { clock, simulator } = await open();
    const [one, two] = [await connect(simulator), await connect(simulator)];
    await one.play();
    await two.request('SETUP', '/trackID=0', [['Transport', 'RTP/AVP/TCP;unicast;interleaved=8-9']]);
    await two.request('PLAY');
    assert.equal(simulator.clients('main'), 2);
    await clock.advance(1000);
    await two.until(() => two.packets.length >= 60);
    await one.until(() => ofTrack(one, 0).length >= two.packets.length);
    const same = two.packets.map((packet) => ({ ...packet, track: 0 }));
    assert.deepEqual(ofTrack(one, 0).slice(0, same.length), same);
    const markers = (): number => ofTrack(one, 0).filter(({ marker }) => marker).length;
    await one.until(() => markers() >= 25);
    assert.equal(simulator.sentPictures('main'), markers());
  });

  test('keeps what a slow client has not taken yet as it was', async () => {
    const { clock, simulator } = await open({ streams: { main: { movie: makeTestMovie({ pictureBytes: 60_000 }) } } });
    const [slow, quick] = [await connect(simulator), await connect(simulator)];
    await slow.play(1);
    await quick.play(1);
    slow.pause();
    await clock.advance(1200);
    slow.resume();
    await quick.until(() => quick.packets.length >= 1000);
    await slow.until(() => slow.packets.length >= 1000);
    assert.deepEqual(slow.packets.slice(0, 1000), quick.packets.slice(0, 1000));
  });

  test('sends sender reports that pair wall time with the time of its packets', async () => {
    const { clock, simulator } = await open();
    const client = await connect(simulator);
    const startMs = clock.nowMs();
    await client.play();
    await clock.advance(5100);
    await client.until(() => client.reports.length >= 4 && ofTrack(client, 0).length > 100);
    const reports = client.reports
      .flatMap((bytes) => parseRtcp(bytes))
      .filter((packet) => packet.kind === 'sender-report');
    const first = ofTrack(client, 0)[0]!;
    const video = reports.filter(({ ssrc }) => ssrc === first.ssrc);
    assert.equal(video.length, 2);
    for (const { ntpMs, rtpTimestamp } of video) {
      const elapsedTicks = (rtpTimestamp - first.timestamp + 2 ** 32) % 2 ** 32;
      assert.ok(Math.abs(ntpMs - startMs - elapsedTicks / 90) < 1, `${ntpMs - startMs} ${elapsedTicks / 90}`);
    }
    assert.ok(video[1]!.packetCount > 100 && video[1]!.octetCount > 300_000);
  });

  test('starts a copy elsewhere in the loop, at a key picture', async () => {
    const movie = makeTestMovie();
    const { clock, simulator } = await open({ streams: { a: { movie }, b: { movie, startAtMs: 230 } } });
    const client = await connect(simulator, 'b');
    await client.play(1);
    await clock.advance(20);
    await client.until(() => client.packets.some(({ marker }) => marker));
    assert.ok(isKeyPacket(client.packets[0]!));
    assert.equal(client.packets.find(({ marker }) => marker)!.payload.at(-1), 6, 'the sixth picture');
  });

  test('ends a connection that says nothing for a minute and a half, and one that speaks no RTSP', async () => {
    const { clock, simulator } = await open();
    const client = await connect(simulator);
    await client.play();
    await clock.advance(91_000);
    await client.until(() => client.closed);
    assert.equal(simulator.clients('main'), 0);
    const other = await connect(simulator);
    other.send('\u0001\u0002');
    await other.until(() => other.closed);
  });

  for (const digest of ['MD5', 'SHA-256', 'both'] as const) {
    for (const qop of [false, true]) {
      test(`asks for Digest ${digest}${qop ? ' with qop' : ''}, takes fresh nonces when one is worn out, refuses a wrong password`, async () => {
        const credentials = { username: 'viewer', password: 'pä"ss' };
        const { simulator } = await open({ credentials, digest, qop, maxNonceUses: 3 });
        const right = await connect(simulator, 'main', credentials);
        for (let round = 0; round < 6; round++) assert.equal((await right.request('DESCRIBE')).status, 200);
        const wrong = await connect(simulator, 'main', { ...credentials, password: 'guess' });
        assert.equal((await wrong.request('DESCRIBE')).status, 401);
        const none = await connect(simulator);
        assert.equal((await none.request('OPTIONS')).status, 200);
        assert.equal((await none.request('DESCRIBE')).status, 401);
      });
    }
  }
});

describe('a simulated camera in trouble', () => {
  async function openPlaying(streams?: SimulatorOptions['streams']) {
    const opened = await open(streams ? { streams } : {});
    const client = await connect(opened.simulator);
    await client.play();
    await opened.clock.advance(200);
    await client.until(() => ofTrack(client, 1).length >= 10);
    return { ...opened, client };
  }

  test('drop leaves holes in the sequence', async () => {
    const { clock, simulator, client } = await openPlaying();
    simulator.setFault('main', { drop: 0.3 });
    await clock.advance(4000);
    await client.until(() => ofTrack(client, 0).length > 150);
    assert.ok(
      steps(
        ofTrack(client, 0).map(({ sequence }) => sequence),
        2 ** 16,
      ).has(2),
    );
  });

  test('reorder swaps neighbours, duplicate sends twice, corrupt turns a bit behind the header', async () => {
    const { clock, simulator, client } = await openPlaying();
    simulator.setFault('main', { reorder: 0.5, duplicate: 0.2 });
    await clock.advance(2000);
    await client.until(() => ofTrack(client, 0).length > 100);
    const found = steps(
      ofTrack(client, 0).map(({ sequence }) => sequence),
      2 ** 16,
    );
    assert.ok(found.has(65_535) && found.has(0), [...found].join());
    simulator.setFault('main', { corrupt: 1 });
    const before = client.packets.length;
    await clock.advance(400);
    await client.until(() => client.packets.length > before + 20);
    const sound = client.packets.slice(before).filter(({ track }) => track === 1);
    assert.ok(sound.every(({ payload }) => new Set(payload).size === 2));
  });

  test('stall stops media while RTSP answers; half-open answers nothing and closes nothing', async () => {
    const { clock, simulator, client } = await openPlaying();
    simulator.setFault('main', { stall: true });
    await client.request('GET_PARAMETER');
    const before = client.packets.length;
    await clock.advance(1000);
    assert.equal((await client.request('GET_PARAMETER')).status, 200);
    assert.equal(client.packets.length, before);
    simulator.setFault('main', { halfOpen: true });
    client.send('GET_PARAMETER');
    await clock.advance(1000);
    assert.equal(client.packets.length, before);
    assert.equal(client.closed, false);
    simulator.setFault('main', undefined);
    await clock.advance(100);
    await client.until(() => client.packets.length > before);
  });

  test('close ends the connections that play, refuse ends new ones or says 503', async () => {
    const { simulator, client } = await openPlaying();
    simulator.setFault('main', { close: 'fin' });
    await client.until(() => client.closed);
    simulator.setFault('main', { refuse: 'unavailable' });
    const other = await connect(simulator);
    assert.equal((await other.request('DESCRIBE')).status, 503);
    simulator.setFault('main', { refuse: 'close' });
    await assert.rejects(other.request('DESCRIBE'), /closed without an answer/);
    simulator.setFault('main', undefined);
    const again = await connect(simulator);
    await again.play();
    simulator.setFault('main', { close: 'reset' });
    await again.until(() => again.closed);
  });

  test('bad reports are no RTCP; clock jump moves the wall time only', async () => {
    const { clock, simulator, client } = await openPlaying();
    simulator.setFault('main', { clockJumpMs: 3_600_000 });
    await clock.advance(5000);
    await client.until(() => client.reports.length >= 4);
    const [report] = parseRtcp(client.reports.at(-1)!);
    assert.ok(report?.kind === 'sender-report');
    assert.ok(report.ntpMs - clock.nowMs() > 3_590_000);
    simulator.setFault('main', { badRtcp: true });
    await clock.advance(5000);
    await client.until(() => client.reports.length >= 6);
    assert.throws(() => parseRtcp(client.reports.at(-1)!));
  });

  test('a timestamp jump moves RTP time, a restart changes SSRC and sequence', async () => {
    const { clock, simulator, client } = await openPlaying();
    simulator.setFault('main', { timestampJumpMs: 20_000 });
    await clock.advance(200);
    await client.until(() => ofTrack(client, 1).length >= 20);
    const stepsSeen = steps(
      ofTrack(client, 1).map(({ timestamp }) => timestamp),
      2 ** 32,
    );
    assert.deepEqual(stepsSeen, new Set([160, 160 + 160_000]));
    const before = client.packets.length;
    simulator.setFault('main', { restart: true });
    await clock.advance(200);
    await client.until(() => client.packets.length > before + 10);
    const ssrcs = new Set(ofTrack(client, 1).map(({ ssrc }) => ssrc));
    assert.equal(ssrcs.size, 2);
  });

  test('no key frames leaves them out without a hole in the sequence; wrong marker bits are always or never set', async () => {
    const { clock, simulator, client } = await openPlaying();
    simulator.setFault('main', { noKeyFrames: true });
    const before = client.packets.length;
    await clock.advance(2000);
    await client.until(() => client.packets.length > before + 150);
    assert.ok(!client.packets.slice(before + 5).some(isKeyPacket));
    assert.deepEqual(
      steps(
        ofTrack(client, 0).map(({ sequence }) => sequence),
        2 ** 16,
      ),
      new Set([1]),
    );
    for (const marker of ['always', 'never'] as const) {
      const from = client.packets.length;
      simulator.setFault('main', { marker });
      await clock.advance(400);
      await client.until(() => client.packets.length > from + 20);
      assert.ok(client.packets.slice(from + 5).every((packet) => packet.marker === (marker === 'always')));
    }
  });

  test('a parameter change shows the other movie from a key picture on and goes back', async () => {
    const main = { movie: makeTestMovie(), alternate: { movie: makeTestMovie({ mark: 9 }) } };
    const { clock, simulator, client } = await openPlaying({ main });
    const setsOf = (packets: readonly Packet[]): Set<number | undefined> =>
      new Set(packets.filter(isKeyPacket).map(({ payload }) => payload.at(-1)));
    assert.deepEqual(setsOf(client.packets), new Set([1]));
    let before = client.packets.length;
    simulator.setFault('main', { parameterChange: true });
    await clock.advance(500);
    await client.until(() => client.packets.length > before + 40);
    assert.deepEqual(setsOf(client.packets.slice(before)), new Set([9]));
    before = client.packets.length;
    simulator.setFault('main', undefined);
    await clock.advance(500);
    await client.until(() => client.packets.length > before + 40);
    assert.deepEqual(setsOf(client.packets.slice(before)), new Set([1]));
    const timestamps = ofTrack(client, 0).map(({ timestamp }) => timestamp);
    assert.ok([...steps(timestamps, 2 ** 32)].every((step) => step < 90_000));
  });

  test('delay sends everything later', async () => {
    const { clock, simulator } = await open();
    simulator.setFault('main', { delayMs: 500 });
    const client = await connect(simulator);
    await client.play();
    await clock.advance(490);
    await client.request('GET_PARAMETER');
    assert.equal(client.packets.length, 0);
    await clock.advance(100);
    await client.until(() => client.packets.length > 5);
  });

  test('a name that is not served is an error for the test that asks', async () => {
    const { simulator } = await open();
    assert.throws(() => simulator.setFault('nobody', { stall: true }), { kind: 'not-found' });
    assert.throws(() => simulator.url('nobody'), { kind: 'not-found' });
  });
});
