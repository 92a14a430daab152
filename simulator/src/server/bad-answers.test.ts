import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { parseUtf8 } from '@porchlight/media/bytes';
import { MediaError } from '@porchlight/media/frame';
import { getHeader, parseSession, parseTransport } from '@porchlight/media/rtsp';
import { parseSdp } from '@porchlight/media/sdp';
import { openSimulator } from './index.ts';
import { openTestClient } from './test/test-client.ts';
import { makeTestMovie } from './test/test-movie.ts';

async function open() {
  const clock = openFakeClock();
  const movie = makeTestMovie();
  const replacement = { movie: { ...movie, tracks: movie.tracks.slice(0, 1), samples: movie.samples.slice(0, 1) } };
  const simulator = await openSimulator({
    ...{ clock, log: openFakeLog(), port: 0 },
    streams: { main: { movie, replacement } },
  });
  const client = await openTestClient(simulator.url('main'));
  return {
    ...{ clock, simulator, client },
    async [Symbol.asyncDispose]() {
      client.close();
      await simulator.close();
    },
  };
}

test('refuse=full is 453, refuse=password 401 for ever, refuse=redirect leads DESCRIBE in a circle', async () => {
  await using house = await open();
  house.simulator.setFault('main', { refuse: 'full' });
  assert.equal((await house.client.request('OPTIONS')).status, 453);
  house.simulator.setFault('main', { refuse: 'password' });
  const refused = await house.client.request('DESCRIBE');
  assert.equal(refused.status, 401);
  assert.match(getHeader(refused.headers, 'www-authenticate') ?? '', /^Basic /);
  house.simulator.setFault('main', { refuse: 'redirect' });
  const redirect = await house.client.request('DESCRIBE');
  assert.deepEqual([redirect.status, getHeader(redirect.headers, 'location')], [302, house.simulator.url('main')]);
});

test('describe=nonsense brings no SDP, describe=short one that is cut and followed by its rest', async () => {
  await using house = await open();
  house.simulator.setFault('main', { describe: 'nonsense' });
  const nonsense = await house.client.request('DESCRIBE');
  const sections = (): number => parseSdp(parseUtf8(nonsense.body)).media.flatMap(({ payloads }) => payloads).length;
  assert.ok(isRefused(sections) || sections() === 0);
  house.simulator.setFault('main', undefined);
  const whole = (await house.client.request('DESCRIBE')).body.length;
  house.simulator.setFault('main', { describe: 'short' });
  const short = await house.client.request('DESCRIBE');
  assert.equal(getHeader(short.headers, 'content-length'), String(whole - 100));
  assert.equal(short.body.length, whole, 'its rest comes with it');
});

function isRefused(run: () => unknown): boolean {
  try {
    run();
    return false;
  } catch (error) {
    return error instanceof MediaError;
  }
}

test('describe=long promises more than comes', async () => {
  await using house = await open();
  house.simulator.setFault('main', { describe: 'long' });
  let answered = false;
  void house.client.request('DESCRIBE').then(
    () => (answered = true),
    () => undefined,
  );
  await house.clock.advance(1000);
  assert.equal(answered, false);
});

test('drip lets an answer out byte by byte and no media, and everything when it ends', async () => {
  await using house = await open();
  await house.client.play();
  house.simulator.setFault('main', { dripBytesPerSecond: 10 });
  let answered = false;
  const answer = house.client.request('GET_PARAMETER').then(({ status }) => ((answered = true), status));
  await house.clock.advance(100);
  const before = house.client.packets.length;
  await house.clock.advance(5000);
  assert.equal(answered, false);
  assert.equal(house.client.packets.length, before);
  house.simulator.setFault('main', undefined);
  await house.clock.advance(200);
  assert.equal(await answer, 200);
});

test('session-timeout ends sessions whose client is quiet, keep-alive refuses what would keep them', async () => {
  await using house = await open();
  house.simulator.setFault('main', { sessionTimeoutS: 1, keepAlive: 'refused' });
  await house.client.play();
  assert.equal((await house.client.request('OPTIONS')).status, 405);
  assert.equal((await house.client.request('GET_PARAMETER')).status, 405);
  house.simulator.setFault('main', { sessionTimeoutS: 1 });
  const kept = await house.client.request('GET_PARAMETER');
  assert.equal(parseSession(getHeader(kept.headers, 'session') ?? '').timeoutMs, 1000);
  await house.clock.advance(2000);
  await house.client.until(() => house.client.closed);
});

test('transport=no-tcp and no-udp refuse by 461, udp-lost agrees and sends nothing', async () => {
  await using house = await open();
  const setUp = async (transport: string) =>
    (await house.client.request('SETUP', '/trackID=0', [['Transport', transport]])).status;
  house.simulator.setFault('main', { transport: 'no-tcp' });
  assert.equal(await setUp('RTP/AVP/TCP;unicast;interleaved=0-1'), 461);
  house.simulator.setFault('main', { transport: 'no-udp' });
  assert.equal(await setUp('RTP/AVP;unicast;client_port=40000-40001'), 461);
  house.simulator.setFault('main', { transport: 'udp-lost' });
  assert.equal(await setUp('RTP/AVP;unicast;client_port=40000-40001'), 200);
});

test('stall=video leaves sound and reports', async () => {
  await using house = await open();
  await house.client.play();
  house.simulator.setFault('main', { stall: 'video' });
  await house.client.request('GET_PARAMETER');
  const before = house.client.packets.length;
  await house.clock.advance(1000);
  await house.client.request('GET_PARAMETER');
  const after = house.client.packets.slice(before);
  assert.ok(after.length > 20 && after.every(({ track }) => track === 1));
});

test('a reboot resets connections, closes new ones, and comes back with new numbers', async () => {
  await using house = await open();
  const transport = 'RTP/AVP/TCP;unicast;interleaved=0-1';
  const answer = await house.client.request('SETUP', '/trackID=0', [['Transport', transport]]);
  await house.client.request('PLAY');
  house.simulator.setFault('main', { reboot: true });
  await house.client.until(() => house.client.closed);
  const early = await openTestClient(house.simulator.url('main'));
  await assert.rejects(early.request('OPTIONS'), /closed without an answer/);
  house.simulator.setFault('main', undefined);
  const late = await openTestClient(house.simulator.url('main'));
  const again = await late.request('SETUP', '/trackID=0', [['Transport', transport]]);
  const ssrcOf = (headers: typeof answer.headers) => parseTransport(getHeader(headers, 'transport') ?? '')[0]!.ssrc;
  assert.notEqual(ssrcOf(again.headers), ssrcOf(answer.headers));
  late.close();
});

test('swap ends connections and describes the replacement until it ends', async () => {
  await using house = await open();
  await house.client.play();
  house.simulator.setFault('main', { swap: true });
  await house.client.until(() => house.client.closed);
  const describe = async () => {
    const client = await openTestClient(house.simulator.url('main'));
    const { media } = parseSdp(parseUtf8((await client.request('DESCRIBE')).body));
    client.close();
    return media.length;
  };
  assert.equal(await describe(), 1);
  house.simulator.setFault('main', undefined);
  assert.equal(await describe(), 2);
});
