import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { openTempFolder } from '@porchlight/base/testing';
import { writeRtpPacket } from '@porchlight/media/rtp';
import { getHeader, writeInterleavedHeader } from '@porchlight/media/rtsp';
import { openCamera, openCertificatePins, type CameraOptions } from './index.ts';
import { openCameraProbe } from './test/camera-probe.ts';
import { openFakeCamera, type FakeCameraOptions } from './test/fake-camera.ts';
import { openTlsFront } from './test/tls-front.ts';

async function open(fake: FakeCameraOptions = {}, options: Partial<CameraOptions> = {}) {
  const camera = await openFakeCamera(fake);
  const clock = openFakeClock();
  const probe = openCameraProbe();
  const source = openCamera({
    url: camera.url,
    transport: 'auto',
    clock,
    log: openFakeLog(),
    events: probe,
    ...options,
  });
  return {
    ...{ camera, clock, probe, source },
    async [Symbol.asyncDispose]() {
      await source.close();
      await camera.close();
    },
  };
}
type House = Awaited<ReturnType<typeof open>>;

async function advanceUntil({ clock }: House, happened: Promise<unknown>, longestMs: number): Promise<number> {
  const startMs = clock.monotonicMs();
  let done = false;
  void happened.then(() => (done = true));
  while (!done && clock.monotonicMs() - startMs < longestMs) await clock.advance(50);
  assert.ok(done, `within ${longestMs} ms`);
  return clock.monotonicMs() - startMs;
}

async function begin({ camera, probe }: House): Promise<void> {
  await camera.answered('PLAY');
  camera.sendPicture(true, 0);
  camera.sendPicture(false, 3600);
  await probe.frameCount(2);
}

test('a stall is found at the moment the limit says', async () => {
  await using house = await open({}, { times: { mediaMs: 2000 } });
  await begin(house);
  await house.clock.advance(1900);
  assert.equal(house.probe.states.at(-1)!.status, 'online');
  await house.clock.advance(150);
  assert.equal(house.probe.states.at(-1)!.reason, 'stalled');
});

test('cold start: a camera that takes connections and answers nothing is recorded within 5 s of being well', async () => {
  // At 12 s and 14 s it is given more time than usual, and asked again meanwhile.
  for (const silentMs of [1000, 7300, 12_000, 14_000, 21_900]) {
    let well = false;
    await using house = await open({ answer: () => (well ? undefined : { status: 0 }) });
    await house.camera.answered('OPTIONS');
    await house.clock.advance(silentMs);
    well = true;
    await advanceUntil(house, house.camera.answered('PLAY'), 5000);
  }
});

test('a camera that never worked and is slow to answer is given more time now and then', async () => {
  await using house = await open({ answer: ({ method }) => (method === 'OPTIONS' ? { status: 0 } : undefined) });
  const triesMs: number[] = [];
  for (let tries = 1; tries <= 5; tries++) {
    for (let waitedMs = 0; house.camera.connections < tries && waitedMs < 16_000; waitedMs += 50)
      await house.clock.advance(50);
    triesMs.push(house.clock.monotonicMs());
  }
  assert.ok(triesMs[4]! - triesMs[3]! > 8000, 'the fourth try waits three times as long');
  assert.ok(triesMs[3]! - triesMs[2]! < 4000);
});

test('packets that make no picture are of another coding: the camera is asked again what it sends', async () => {
  await using house = await open();
  await begin(house);
  // Of H.265, and as H.264 nothing that belongs to a picture.
  const sliceOfAnother = Uint8Array.of(0x26, 0x01, 0xaf, 0x08, 0x40);
  for (let second = 0; second < 11; second++) {
    const fields = { payloadType: 96, marker: true, sequence: 2 + second, timestamp: second * 90_000, ssrc: 0x1234 };
    const packet = writeRtpPacket(fields, sliceOfAnother);
    house.camera.sendRaw(Uint8Array.from([...writeInterleavedHeader(0, packet.length), ...packet]));
    await house.clock.advance(1000);
  }
  const state = house.probe.states.find(({ reason }) => reason === 'stalled');
  assert.match(state!.message!, /make no picture/);
  await advanceUntil(house, house.camera.answered('DESCRIBE', 2), 5000);
});

test('an interleaved frame that is cut costs what it covers, is counted, and the connection stays', async () => {
  await using house = await open();
  await begin(house);
  const cut = Uint8Array.from([...writeInterleavedHeader(0, 900), 0x80, 0x60, ...new Uint8Array(200).fill(0x11)]);
  house.camera.sendRaw(cut);
  for (let picture = 2; picture < 60; picture++) house.camera.sendPicture(picture % 10 === 0, picture * 3600);
  await house.probe.frameCount(2 + 20);
  assert.equal(house.camera.connections, 1);
  assert.deepEqual(
    house.probe.damages.filter(({ reason }) => reason === 'malformed').map(({ count }) => count),
    [1],
  );
  assert.equal(house.probe.states.at(-1)!.status, 'online');
});

test('nonsense in place of a description is said, and tried again', async () => {
  for (const sdp of ['', 'rubbish', 'v=0\r\nm=video \0 RTP/AVP\r\na=\r\nm=']) {
    let well = false;
    const answer: FakeCameraOptions['answer'] = ({ method }) =>
      method === 'DESCRIBE' && !well ? { status: 200, body: sdp } : undefined;
    await using house = await open({ answer });
    await house.camera.answered('DESCRIBE');
    const said = Promise.race([house.probe.state('offline'), house.probe.state('error')]);
    await advanceUntil(house, said, 2000);
    const state = await said;
    assert.ok(state.message && state.fix, JSON.stringify(state));
    well = true;
    await advanceUntil(house, house.camera.answered('PLAY'), 5000);
  }
});

test('a camera that refuses the password for ever is asked ever less often', async () => {
  const credentials = { username: 'admin', password: 'wrong' };
  await using house = await open({ user: { username: 'admin', password: 'right', algorithm: 'MD5' } }, { credentials });
  await house.probe.state('error', 'unauthorized');
  for (let seconds = 0; seconds < 1800; seconds++) await house.clock.advance(1000);
  const asked = house.camera.requests.filter(({ headers }) => headers.has('authorization')).length;
  assert.ok(asked >= 5 && asked <= 20, `${asked} times in half an hour`);
});

test('a camera whose password worked and that refuses it while it starts is back within 5 s', async () => {
  let starting = false;
  const answer: FakeCameraOptions['answer'] = () =>
    starting ? { status: 401, headers: [['WWW-Authenticate', 'Basic realm="x"']] } : undefined;
  await using house = await open({ answer }, { credentials: { username: 'a', password: 'b' } });
  await begin(house);
  starting = true;
  house.camera.drop();
  await advanceUntil(house, house.probe.state('error', 'unauthorized'), 2000);
  await house.clock.advance(700);
  starting = false;
  await advanceUntil(house, house.camera.answered('PLAY', 2), 5000);
});

test('a session of one second is kept alive in time, by whatever the camera does not refuse', async () => {
  const refused = new Set<string>();
  const answer: FakeCameraOptions['answer'] = ({ method, headers }) => {
    if (!headers.has('session') || !['GET_PARAMETER', 'OPTIONS', 'SET_PARAMETER'].includes(method)) return undefined;
    return refused.has(method) ? { status: 405 } : undefined;
  };
  await using house = await open({ session: 'abc;timeout=1', answer });
  await begin(house);
  const asked = (): string[] =>
    house.camera.requests
      .filter(({ method, headers }) => method !== 'PLAY' && headers.has('session'))
      .map((one) => one.method);
  await house.clock.advance(1100);
  assert.deepEqual(asked(), ['GET_PARAMETER', 'GET_PARAMETER']);
  for (const method of ['GET_PARAMETER', 'OPTIONS', 'SET_PARAMETER']) {
    refused.add(method);
    await house.clock.advance(1000);
  }
  assert.deepEqual([...new Set(asked())], ['GET_PARAMETER', 'OPTIONS', 'SET_PARAMETER']);
  const before = asked().length;
  await house.clock.advance(2000);
  assert.equal(asked().length, before, 'where all are refused, reports have to do');
  assert.equal(house.probe.states.at(-1)!.status, 'online');
});

test('UDP that is agreed to and brings nothing gives way to TCP, and comes back where TCP is refused', async () => {
  const answer: FakeCameraOptions['answer'] = ({ headers }) =>
    getHeader(headers, 'transport')?.includes('TCP') ? { status: 461 } : undefined;
  await using house = await open({ answer }, { transport: 'udp', times: { mediaMs: 2000 } });
  await advanceUntil(house, house.camera.answered('SETUP', 3), 20_000);
  const wanted = house.camera.requests.map(({ headers }) => getHeader(headers, 'transport') ?? '').filter(Boolean);
  assert.deepEqual(
    wanted.map((text) => text.includes('TCP')),
    [false, true, false],
  );
  const stalled = house.probe.states.find(({ reason }) => reason === 'stalled');
  assert.match(stalled!.message!, /UDP and nothing arrives/);
});

test('TCP that is agreed to twice and brings nothing gives way to UDP, unless TCP alone was chosen', async () => {
  for (const transport of ['auto', 'tcp'] as const) {
    await using house = await open({}, { transport, times: { mediaMs: 2000 } });
    await advanceUntil(house, house.camera.answered('SETUP', 4), 20_000);
    const wanted = house.camera.requests.map(({ headers }) => getHeader(headers, 'transport') ?? '').filter(Boolean);
    const overTcp = wanted.slice(0, 4).map((text) => text.includes('TCP'));
    assert.deepEqual(overTcp, transport === 'tcp' ? [true, true, true, true] : [true, true, false, true]);
  }
});

test("a TLS camera's own certificate is taken once; another one gets no password until the first is forgotten", async () => {
  using folder = openTempFolder();
  const pins = openCertificatePins(folder.path);
  const camera = await openFakeCamera();
  const [first, second] = [await openTlsFront(camera.port), await openTlsFront(camera.port)];
  const where = `127.0.0.1:${first.port}`;
  const clock = openFakeClock();
  const connect = () => {
    const probe = openCameraProbe();
    const url = `rtsps://${where}/live`;
    const source = openCamera({ url, transport: 'tcp', clock, log: openFakeLog(), events: probe, pins });
    return { probe, source };
  };
  const known = connect();
  await camera.answered('PLAY');
  await known.source.close();
  // Another certificate at the same place: the one of the second front.
  const other = openCameraProbe();
  const swapped = {
    accept: (_where: string, fingerprint: string) => pins.accept(where, fingerprint),
    forget: (place: string) => pins.forget(place),
  };
  const url = `rtsps://127.0.0.1:${second.port}/live`;
  const asked = camera.requests.length;
  const options = { url, transport: 'tcp', clock, log: openFakeLog(), events: other, pins: swapped } as const;
  const stranger = openCamera(options);
  const state = await other.state('error', 'certificate-changed');
  assert.match(state.fix!, /pause it here and start it again/);
  assert.equal(camera.requests.slice(asked).filter(({ method }) => method !== 'TEARDOWN').length, 0);
  await stranger.close();
  pins.forget(where);
  const again = openCamera(options);
  await camera.answered('PLAY', 2);
  await again.close();
  await Promise.all([first.close(), second.close(), camera.close()]);
});
