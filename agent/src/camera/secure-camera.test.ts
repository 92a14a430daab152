import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { openFakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { getHeader } from '@porchlight/media/rtsp';
import { openCamera, type CameraOptions } from './index.ts';
import { openCameraProbe } from './test/camera-probe.ts';
import { openFakeCamera, type FakeCameraOptions } from './test/fake-camera.ts';
import { openTlsFront } from './test/tls-front.ts';

/** A fake camera behind TLS, and the house's camera connected to it. */
async function open(fake: FakeCameraOptions = {}, options: Partial<CameraOptions> = {}) {
  const camera = await openFakeCamera(fake);
  const front = await openTlsFront(camera.port);
  const log = openFakeLog();
  const probe = openCameraProbe();
  const url = `rtsps://127.0.0.1:${front.port}/live`;
  const source = openCamera({ url, transport: 'auto', clock: openFakeClock(), log, events: probe, ...options });
  return {
    camera,
    front,
    log,
    probe,
    source,
    async [Symbol.asyncDispose]() {
      await source.close();
      await front.close();
      await camera.close();
    },
  };
}

test('a camera with TLS and a certificate of its own is played, its password proved, every frame whole and in order', async () => {
  const user = { username: 'admin', password: 'marked-secret' };
  await using house = await open({ user: { ...user, algorithm: 'MD5' } }, { credentials: user });
  await house.camera.answered('PLAY');
  for (let picture = 0; picture < 300; picture++) house.camera.sendPicture(picture % 25 === 0, 3600 * picture);
  await house.probe.frameCount(300);
  const { frames, states } = house.probe;
  assert.deepEqual(
    frames.map(({ ptsTicks }) => ptsTicks - frames[0]!.ptsTicks),
    Array.from({ length: 300 }, (_, picture) => 3600 * picture),
  );
  assert.equal(frames.filter((frame) => frame.kind === 'video' && frame.key).length, 12);
  assert.deepEqual(states, [{ status: 'starting' }, { status: 'online' }]);
  const { packetsReceived, packetsLost } = house.source.stats();
  assert.deepEqual([packetsReceived, packetsLost], [300, 0]);
  assert.ok(house.camera.requests.every(({ url }) => url.startsWith('rtsps://')));
  assert.ok(house.log.lines.some(({ message }) => message.includes('signed its TLS certificate itself')));
  assert.ok(!JSON.stringify(house.log.lines).includes('marked-secret'));
});

test('closing says TEARDOWN through TLS too', async () => {
  const house = await open();
  await house.camera.answered('PLAY');
  await house.source.close();
  await house.camera.answered('TEARDOWN');
  await house[Symbol.asyncDispose]();
});

test('pictures of a camera with TLS never come by UDP, where they would be in the clear', async () => {
  for (const transport of ['auto', 'udp'] as const) {
    const answer: FakeCameraOptions['answer'] = (request) => (request.method === 'SETUP' ? { status: 461 } : undefined);
    await using house = await open({ answer }, { transport });
    await house.probe.state('error', 'transport-refused');
    const asked = house.camera.requests.filter(({ method }) => method === 'SETUP');
    assert.deepEqual(
      asked.map(({ headers }) => getHeader(headers, 'transport')),
      ['RTP/AVP/TCP;unicast;interleaved=0-1'],
    );
  }
});

test('a camera with TLS that sends the house to a plain address gets no password there', async () => {
  const user = { username: 'admin', password: 'marked-secret' };
  const plain = await openFakeCamera({ user: { ...user, algorithm: 'basic' } });
  const answer: FakeCameraOptions['answer'] = (request) =>
    request.method === 'DESCRIBE' ? { status: 302, headers: [['Location', plain.url]] } : undefined;
  await using house = await open({ answer }, { credentials: user });
  await house.probe.state('error', 'unauthorized');
  assert.ok(plain.requests.length > 0);
  assert.ok(plain.requests.every(({ headers }) => getHeader(headers, 'authorization') === undefined));
  await plain.close();
});

test('a port without TLS is said in words', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end('RTSP/1.0 400 Bad Request\r\n\r\n');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  {
    await using house = await open({}, { url: `rtsps://127.0.0.1:${port}/live` });
    const state = await house.probe.state('offline', 'protocol');
    assert.equal(state.message, `The camera at 127.0.0.1:${port} does not speak TLS.`);
  }
  server.close();
});
