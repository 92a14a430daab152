import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { createServer, type AddressInfo } from 'node:net';
import { openFakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { parseRtcp } from '@porchlight/media/rtp';
import { getHeader } from '@porchlight/media/rtsp';
import { openCamera, type CameraOptions } from './index.ts';
import { openCameraProbe } from './test/camera-probe.ts';
import { audioSdp, openFakeCamera, videoSdp, type FakeCamera, type FakeCameraOptions } from './test/fake-camera.ts';

/** A fake camera, the house's camera connected to it, and what that said. */
async function open(fake: FakeCameraOptions = {}, options: Partial<CameraOptions> = {}) {
  const camera = await openFakeCamera(fake);
  const clock = openFakeClock();
  const log = openFakeLog();
  const probe = openCameraProbe();
  const source = openCamera({ url: camera.url, transport: 'auto', clock, log, events: probe, ...options });
  return {
    camera,
    clock,
    log,
    probe,
    source,
    async [Symbol.asyncDispose]() {
      await source.close();
      await camera.close();
    },
  };
}

/** Lets timers run until something has happened that sockets bring about. */
async function advanceUntil(clock: { advance(ms: number): Promise<void> }, happened: Promise<unknown>, stepMs = 100) {
  let done = false;
  void happened.then(() => (done = true));
  for (let round = 0; round < 2000 && !done; round++) await clock.advance(stepMs);
  assert.ok(done, 'it happened in time');
}

/** A key frame and the picture after it: with that the first is known to be whole. */
async function begin({ camera, probe }: { camera: FakeCamera; probe: ReturnType<typeof openCameraProbe> }) {
  await camera.answered('PLAY');
  camera.sendPicture(true, 0);
  camera.sendPicture(false, 3600);
  await probe.frameCount(2);
}

const methods = (camera: FakeCamera) => camera.requests.map(({ method }) => method);

test('a camera is described, set up and played over TCP, and its frames arrive', async () => {
  await using house = await open();
  await house.camera.answered('PLAY');
  house.camera.sendPicture(true, 1000);
  house.camera.sendPicture(false, 4000);
  await house.probe.frameCount(2);
  assert.deepEqual(methods(house.camera), ['OPTIONS', 'DESCRIBE', 'SETUP', 'PLAY']);
  assert.deepEqual(house.probe.states, [{ status: 'starting' }, { status: 'online' }]);
  assert.equal(house.probe.tracks.length, 1);
  assert.equal(house.probe.tracks[0]![0]!.kind, 'video');
  const [first, second] = house.probe.frames;
  assert.ok(first?.kind === 'video' && first.key && second?.kind === 'video' && !second.key);
  assert.equal(second.ptsTicks - first.ptsTicks, 3000);
  const stats = house.source.stats();
  assert.deepEqual([stats.transport, stats.packetsReceived, stats.packetsLost], ['tcp', 2, 0]);
});

test('closing says TEARDOWN and leaves no timer', async () => {
  const house = await open();
  await begin(house);
  await house.source.close();
  await house.camera.answered('TEARDOWN');
  await house.clock.advance(2000);
  assert.equal(house.clock.pendingTimers, 0);
  await house.camera.close();
});

test('closing between SETUP and PLAY says TEARDOWN for the session that stands', async () => {
  const isLate = (method: string, url: string): boolean => method === 'PLAY' || url.endsWith('trackID=1');
  for (const sdp of [videoSdp, videoSdp + audioSdp]) {
    const answer: FakeCameraOptions['answer'] = ({ method, url }) => (isLate(method, url) ? { status: 0 } : undefined);
    await using house = await open({ sdp, answer });
    await house.camera.answered(sdp === videoSdp ? 'PLAY' : 'SETUP', sdp === videoSdp ? 1 : 2);
    await house.source.close();
    await house.camera.answered('TEARDOWN');
    assert.equal(getHeader(house.camera.requests.at(-1)!.headers, 'session'), 'abc');
  }
});

test('a camera that refuses PLAY, and one that stalls, is told TEARDOWN, so that its place is free for the next try', async () => {
  const answer: FakeCameraOptions['answer'] = ({ method }) => (method === 'PLAY' ? { status: 453 } : undefined);
  await using refusing = await open({ answer });
  await refusing.camera.answered('TEARDOWN');
  await using stalling = await open();
  await begin(stalling);
  await stalling.clock.advance(9000);
  await stalling.camera.answered('TEARDOWN');
  assert.equal(stalling.probe.states.at(-1)!.reason, 'stalled');
});

for (const algorithm of ['MD5', 'SHA-256', 'basic'] as const) {
  test(`a camera that asks for ${algorithm} credentials is answered`, async () => {
    const user = { username: 'admin', password: 'marked-secret' };
    await using house = await open({ user: { ...user, algorithm } }, { credentials: user });
    await house.camera.answered('PLAY');
    const authorization = getHeader(house.camera.requests.at(-1)!.headers, 'authorization') ?? '';
    assert.match(authorization, algorithm === 'basic' ? /^Basic / : new RegExp(`^Digest .*algorithm=${algorithm},`));
    assert.ok(house.camera.asked.every((line) => !line.includes('admin')));
    assert.ok(!JSON.stringify(house.log.lines).includes('marked-secret'));
  });
}

test('a refused password is said in words, once asked again only after a long while', async () => {
  const user = { username: 'admin', password: 'right', algorithm: 'MD5' as const };
  await using house = await open({ user }, { credentials: { username: 'admin', password: 'marked-secret' } });
  const state = await house.probe.state('error', 'unauthorized');
  assert.equal(state.message, 'The camera refused the user name or password.');
  assert.ok(!JSON.stringify([house.probe.states, house.log.lines]).includes('marked-secret'));
  const asked = house.camera.requests.length;
  await house.clock.advance(14_000);
  assert.equal(house.camera.requests.length, asked);
});

test('a camera that wants credentials when there are none says so', async () => {
  await using house = await open({ user: { username: 'a', password: 'b', algorithm: 'MD5' } });
  const state = await house.probe.state('error', 'unauthorized');
  assert.equal(state.message, 'The camera asks for a user name and password.');
});

test('a redirect is followed, and credentials stay with the host they were given for', async () => {
  await using target = await open();
  const user = { username: 'admin', password: 'secret' };
  const location = target.camera.url;
  const answer: FakeCameraOptions['answer'] = (request) =>
    request.method === 'DESCRIBE' ? { status: 302, headers: [['Location', location]] } : undefined;
  await using house = await open({ answer }, { credentials: user });
  await target.camera.answered('PLAY', 2);
  assert.deepEqual(methods(house.camera), ['OPTIONS', 'DESCRIBE']);
});

test('a camera that redirects in a circle is given up in words', async () => {
  const answer: FakeCameraOptions['answer'] = (request) =>
    request.method === 'DESCRIBE' ? { status: 301, headers: [['Location', request.url]] } : undefined;
  await using house = await open({ answer });
  const state = await house.probe.state('offline', 'protocol');
  assert.match(state.message!, /one other address after another/);
  assert.equal(methods(house.camera).filter((method) => method === 'DESCRIBE').length, 4);
});

test('a camera that refuses TCP is asked for UDP', async () => {
  const answer: FakeCameraOptions['answer'] = (request) =>
    getHeader(request.headers, 'transport')?.includes('TCP') ? { status: 461 } : undefined;
  await using house = await open({ answer });
  await house.camera.answered('PLAY');
  const transports = house.camera.requests.map(({ headers }) => getHeader(headers, 'transport')).filter(Boolean);
  assert.equal(transports[0], 'RTP/AVP/TCP;unicast;interleaved=0-1');
  const ports = /^RTP\/AVP;unicast;client_port=(\d+)-(\d+)$/.exec(transports[1]!);
  assert.equal(Number(ports![1]) % 2, 0);
  assert.equal(Number(ports![2]), Number(ports![1]) + 1);
});

test('a camera that refuses TCP while nothing else may be used is reported', async () => {
  const answer: FakeCameraOptions['answer'] = (request) => (request.method === 'SETUP' ? { status: 461 } : undefined);
  await using house = await open({ answer }, { transport: 'tcp' });
  await house.probe.state('error', 'transport-refused');
});

test('sound is set up beside video, and does without when the camera refuses it', async () => {
  const answer: FakeCameraOptions['answer'] = (request) =>
    request.method === 'SETUP' && request.url.endsWith('trackID=1') ? { status: 400 } : undefined;
  await using both = await open({ sdp: videoSdp + audioSdp });
  await using refused = await open({ sdp: videoSdp + audioSdp, answer });
  await Promise.all([begin(both), begin(refused)]);
  assert.deepEqual(
    both.probe.tracks[0]!.map(({ codecString }) => codecString.slice(0, 4)),
    ['avc1', 'alaw'],
  );
  assert.equal(refused.probe.tracks[0]!.length, 1);
});

test('a camera without usable video is reported with what it sends', async () => {
  await using house = await open({
    sdp: videoSdp.replace(/m=video[^]*/, 'm=video 0 RTP/AVP 26\r\na=control:trackID=0\r\n'),
  });
  const state = await house.probe.state('error', 'unsupported-codec');
  assert.match(state.message!, /JPEG/);
  assert.match(state.fix!, /H\.264/);
});

test('a stall is found by the last byte of video, though sound and reports go on', async () => {
  await using house = await open({ sdp: videoSdp + audioSdp });
  await begin(house);
  for (let second = 0; second < 7; second++) {
    house.camera.sendSenderReport(1000 * second, 90_000 * second);
    await house.clock.advance(1000);
  }
  assert.equal(house.probe.states.at(-1)!.status, 'online');
  await house.clock.advance(2000);
  assert.deepEqual(house.probe.states.at(-1)!.reason, 'stalled');
  await advanceUntil(house.clock, house.camera.answered('PLAY', 2));
  assert.ok(house.clock.monotonicMs() < 10_000 + 2000);
});

test('the first try after a break comes within a second, and a camera that is back is back within five', async () => {
  const answer: FakeCameraOptions['answer'] = (_request, connection) =>
    connection > 1 && connection < 8 ? { status: 503 } : undefined;
  await using house = await open({ answer });
  await house.camera.answered('PLAY');
  house.camera.drop();
  await house.probe.state('offline');
  const brokeMs = house.clock.monotonicMs();
  await advanceUntil(house.clock, house.camera.answered('OPTIONS', 2), 10);
  assert.ok(house.clock.monotonicMs() - brokeMs <= 1000);
  await advanceUntil(house.clock, house.camera.answered('OPTIONS', 7));
  const backMs = house.clock.monotonicMs();
  await advanceUntil(house.clock, house.camera.answered('PLAY', 2));
  assert.ok(house.clock.monotonicMs() - backMs <= 5000);
  assert.equal(house.source.stats().reconnects, 7);
});

test('a camera without key frames is reported while its frames go on', async () => {
  await using house = await open();
  await begin(house);
  for (let second = 1; second <= 32; second++) {
    house.camera.sendPicture(false, second * 90_000);
    await house.probe.frameCount(second + 2);
    await house.clock.advance(1000);
  }
  const state = house.probe.states.at(-1)!;
  assert.deepEqual([state.status, state.reason], ['online', 'no-keyframe']);
  house.camera.sendPicture(true, 33 * 90_000);
  await house.probe.frameCount(35);
  await house.clock.advance(1000);
  assert.deepEqual(house.probe.states.at(-1), { status: 'online' });
});

test('the session is kept alive at half its timeout, by GET_PARAMETER where the camera knows it', async () => {
  for (const [publicMethods, method] of [
    ['OPTIONS, GET_PARAMETER', 'GET_PARAMETER'],
    ['OPTIONS, DESCRIBE', 'OPTIONS'],
  ] as const) {
    await using house = await open({ publicMethods });
    await begin(house);
    for (let second = 1; second < 12; second++) {
      house.camera.sendPicture(true, second * 90_000);
      await house.probe.frameCount(second + 2);
      await house.clock.advance(1000);
    }
    await house.camera.answered(method, method === 'OPTIONS' ? 2 : 1);
    assert.equal(getHeader(house.camera.requests.at(-1)!.headers, 'session'), 'abc');
    assert.ok(house.camera.reports.length >= 2);
    const report = parseRtcp(house.camera.reports[0]!.bytes)[0]!;
    assert.ok(report.kind === 'receiver-report' && report.reports[0]!.ssrc === 0x1234);
    assert.equal(house.camera.reports[0]!.channel, 1);
  }
});

test('sender reports come out on the time line of the frames', async () => {
  await using house = await open();
  await house.camera.answered('PLAY');
  house.camera.sendPicture(true, 90_000);
  house.camera.sendSenderReport(1_700_000_000_000, 180_000);
  house.camera.sendPicture(false, 99_000);
  await house.probe.frameCount(2);
  const [report] = house.probe.senderReports;
  assert.equal(report!.rtpTicks - house.probe.frames[0]!.ptsTicks, 90_000);
  assert.ok(Math.abs(report!.ntpMs - 1_700_000_000_000) < 1);
});

test('a camera that sends rubbish is left and tried again', async () => {
  await using house = await open();
  await house.camera.answered('PLAY');
  house.camera.sendRaw(new Uint8Array(200_000).fill(0x41));
  await house.probe.state('offline', 'protocol');
  await advanceUntil(house.clock, house.camera.answered('PLAY', 2));
});

test('a port where nothing listens is said in words', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await using house = await open({}, { url: `rtsp://127.0.0.1:${port}/` });
  const state = await house.probe.state('offline', 'unreachable');
  assert.equal(state.message, `Nothing answers at 127.0.0.1:${port}.`);
});

test('an address that is none is an error, not a crash', async () => {
  for (const url of ['rtsp:', 'http://a/', 'what']) {
    await using house = await open({}, { url });
    await house.probe.state('error', 'bad-address');
  }
});

test('a camera that stops answering in the middle of the conversation is given up after a while', async () => {
  const answer: FakeCameraOptions['answer'] = (request) => (request.method === 'SETUP' ? { status: 0 } : undefined);
  await using house = await open({ answer });
  await house.camera.answered('SETUP');
  await house.clock.advance(6000);
  const state = await house.probe.state('offline', 'timeout');
  assert.match(state.message!, /does not answer SETUP/);
});
