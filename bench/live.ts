/// <reference lib="dom" />
/**
 * Live view with house and browser joined by a veth pair: time to the first picture, replayed against waiting for the next key
 * frame, and the delay from the camera's socket to the picture by WebRTC and by MSE.
 * node bench/live.ts [--gop-seconds 4] [--joins 20] [--runs 3] [--seconds 15] [--json FILE] (root, iproute2, Chromium, ffmpeg)
 *
 * Cameras send a key frame every two to four seconds. Joins spread evenly over a group of pictures wait half of it on average: 1000 ms
 * with a key frame every 2 s, where a gain of 1000 ms is luck, and 2000 ms with one every 4 s. A run takes about
 * `joins` groups of pictures and twice `seconds`: 140 s with 4 s, 100 s with 2 s.
 */
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { startHouse, until } from './house.ts';
import { median, percentile, sleep, watchSteal } from './measure.ts';
import { readNumberSource } from './numbered.ts';
import { openBrowser, openNumberedCamera, overRuns, round, run, signedIn, type NumberedCamera } from './page.ts';
import { houseAddress, openVethPair } from './veth.ts';

const { values } = parseArgs({
  options: {
    ...{ joins: { type: 'string' }, runs: { type: 'string' }, seconds: { type: 'string' } },
    ...{ 'gop-seconds': { type: 'string' }, json: { type: 'string' } },
  },
});
const joins = Number(values.joins ?? 20);
const runs = Number(values.runs ?? 3);
const seconds = Number(values.seconds ?? 15);
const gopSeconds = Number(values['gop-seconds'] ?? 4);
const gopMs = gopSeconds * 1000;

/** Milliseconds from createOffer to the answer, to a connection, to the first picture on the screen. */
type Join = { readonly answeredMs: number; readonly connectedMs: number; readonly pictureMs: number };

/** Runs in the page: one WHEP join. */
async function join({ start, path }: { start: string; path: string }): Promise<Join> {
  const video = document.createElement('video');
  video.muted = video.autoplay = video.playsInline = true;
  document.body.append(video);
  const peer = new RTCPeerConnection({ iceServers: [], bundlePolicy: 'max-bundle' });
  const { receiver } = peer.addTransceiver('video', { direction: 'recvonly' });
  if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = 0;
  peer.ontrack = ({ track }) => void (video.srcObject = new MediaStream([track]));
  const picture = new Promise<number>((done, failed) => {
    video.requestVideoFrameCallback(() => done(performance.now()));
    setTimeout(() => failed(new Error('No picture within 10 s')), 10_000);
  });
  const connected = new Promise<number>((done) => {
    peer.onconnectionstatechange = () => peer.connectionState === 'connected' && done(performance.now());
  });
  const beganMs = performance.now();
  await peer.setLocalDescription(await peer.createOffer());
  const answer = await fetch(`${path}?start=${start}`, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp' },
    body: peer.localDescription!.sdp,
  });
  if (answer.status !== 201) throw new Error(`WHEP answered ${answer.status}: ${await answer.text()}`);
  const sdp = await answer.text();
  const answeredMs = performance.now() - beganMs;
  await peer.setRemoteDescription({ type: 'answer', sdp });
  const took = { answeredMs, pictureMs: (await picture) - beganMs, connectedMs: (await connected) - beganMs };
  await fetch(answer.headers.get('location')!, { method: 'DELETE' });
  peer.close();
  video.remove();
  return took;
}

/** Time that a join over the cached group and its end take at most, and the pause before the next. */
const joinMs = 500;

/**
 * One run: both kinds of join, each kind spread evenly over the group of pictures. A join that waits for the key frame takes the rest of
 * the group; those over the cached group come before it as far as they fit, so that no group is spent on waiting alone.
 */
async function measureJoins(page: Page, camera: NumberedCamera): Promise<Record<'group' | 'next', Join[]>> {
  const took = { group: [] as Join[], next: [] as Join[] };
  const path = '/api/cameras/numbered/whep';
  await page.evaluate(join, { start: 'group', path });
  const spread = Array.from({ length: joins }, (_, index) => (index * gopMs) / joins);
  const left = { group: [...spread], next: [...spread] };
  const phaseMs = () => (Date.now() - camera.zeroMs) % gopMs;
  const joinAt = async (start: 'group' | 'next', wantedMs: number): Promise<void> => {
    left[start] = left[start].filter((other) => other !== wantedMs);
    await sleep(300 + ((wantedMs - phaseMs() - 300 + 2 * gopMs) % gopMs));
    took[start].push(await page.evaluate(join, { start, path }));
  };
  while (left.next.length > 0 || left.group.length > 0) {
    const waits = left.next.at(-1);
    const fits = left.group.find((at) => at >= phaseMs() + 300 && at + joinMs <= (waits ?? Infinity));
    if (fits !== undefined) await joinAt('group', fits);
    else if (waits !== undefined) await joinAt('next', waits);
    else await joinAt('group', left.group[0]!);
  }
  return took;
}

type Shown = { readonly number: number; readonly atMs: number; readonly dueMs: number };

/** Runs in the page: reads the number of every picture shown for so long. */
const watchSource = `async ({ ms, settleMs }) => {
  const readNumber = ${readNumberSource};
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const find = () => [...document.querySelectorAll('video')].find((video) => video.videoWidth > 0 && !video.hidden);
  for (let tries = 0; !find() && tries < 150; tries++) await pause(100);
  await pause(settleMs);
  const video = find();
  const canvas = document.createElement('canvas');
  const shown = [];
  const fromMs = performance.now();
  await new Promise((done) => {
    const next = (now, { expectedDisplayTime }) => {
      const atMs = Date.now();
      shown.push({ number: readNumber(video, canvas), atMs, dueMs: atMs + expectedDisplayTime - performance.now() });
      if (performance.now() - fromMs < ms) video.requestVideoFrameCallback(next);
      else done();
    };
    video.requestVideoFrameCallback(next);
    setTimeout(done, ms + 5000);
  });
  return shown;
}`;

async function measureDelay(page: Page, camera: NumberedCamera, path: 'webrtc' | 'mse') {
  await page.goto(`/cameras/numbered?live=${path}`);
  const shown: Shown[] = await page.evaluate(`(${watchSource})({ ms: ${seconds * 1000}, settleMs: 5000 })`);
  const used = await page.evaluate(() =>
    performance
      .getEntriesByName('porchlight:first-frame')
      .map((mark) => ((mark as PerformanceMark).detail as { path: string }).path),
  );
  if (used.at(-1) !== path) throw new Error(`Wanted ${path}, the page took ${used.join(', ')}`);
  const pictures = shown.filter(({ number }, index) => index === 0 || number !== shown[index - 1]!.number);
  if (pictures.length < seconds * 20) throw new Error(`${path} showed ${pictures.length} pictures in ${seconds} s`);
  const delayOf = (of: (one: Shown) => number): number[] =>
    pictures.map((one) => of(one) - (camera.sentMs(one.number, one.atMs) ?? Number.NaN));
  const [delays, due] = [delayOf(({ atMs }) => atMs), delayOf(({ dueMs }) => dueMs)];
  return {
    pictures: pictures.length,
    p50: percentile(delays, 0.5),
    p95: percentile(delays, 0.95),
    max: Math.max(...delays),
    expectedDisplayP95: percentile(due, 0.95),
  };
}

type Delay = Awaited<ReturnType<typeof measureDelay>>;
const toDelayLine = (all: readonly Delay[], bar: number) => ({
  p50: overRuns(all.map(({ p50 }) => p50)),
  p95: overRuns(all.map(({ p95 }) => p95)),
  maxMs: round(Math.max(...all.map(({ max }) => max))),
  expectedDisplayP95: round(median(all.map(({ expectedDisplayP95 }) => expectedDisplayP95))),
  pictures: all.reduce((sum, { pictures }) => sum + pictures, 0),
  barP95: bar,
});

await run(
  async (onEnd) => {
    const far = openVethPair();
    const steal = watchSteal();
    const camera = await openNumberedCamera(gopSeconds);
    onEnd(() => camera.close());
    const house = await startHouse(['--host', houseAddress, '--camera', `numbered=${camera.url}`]);
    onEnd(() => house.stop());
    const browser = await openBrowser(far.chromium);
    onEnd(() => browser.close());
    const context = await signedIn(browser, house);
    await until(async () => {
      const state = (await (await context.request.get('/api/cameras/numbered')).json()) as {
        state: { status: string };
      };
      return state.state.status === 'online' || undefined;
    }, 'the camera');
    const page = await context.newPage();
    const group: number[][] = [];
    const next: number[][] = [];
    const parts: Join[] = [];
    const webrtc: Delay[] = [];
    const mse: Delay[] = [];
    for (let index = 0; index < runs; index++) {
      await page.goto('/api/health');
      const took = await measureJoins(page, camera);
      group.push(took.group.map(({ pictureMs }) => pictureMs));
      next.push(took.next.map(({ pictureMs }) => pictureMs));
      parts.push(...took.group);
      webrtc.push(await measureDelay(page, camera, 'webrtc'));
      mse.push(await measureDelay(page, camera, 'mse'));
      const [g, n, w, m] = [median(group[index]!), median(next[index]!), webrtc[index]!.p95, mse[index]!.p95].map(
        round,
      );
      console.error(`run ${index + 1}: first picture ${g} ms, waiting ${n} ms; p95 WebRTC ${w} ms, MSE ${m} ms`);
    }
    const medians = group.map(median);
    const gains = group.map((one, index) => median(next[index]!) - median(one));
    const line = {
      ...{ runs, gopSeconds, seconds },
      firstPictureMs: {
        ...{ joins, ...overRuns(medians), bar: 250 },
        slowestJoin: round(Math.max(...group.flat())),
        answered: round(median(parts.map(({ answeredMs }) => answeredMs))),
        connected: round(median(parts.map(({ connectedMs }) => connectedMs))),
        waiting: {
          median: round(median(next.map(median))),
          halfGroup: gopMs / 2,
          slowestJoin: round(Math.max(...next.flat())),
        },
        fasterThanWaiting: { median: round(median(gains)), worst: round(Math.min(...gains)), bar: 1000 },
      },
      webrtcDelayMs: { ...toDelayLine(webrtc, 60), goal: 40 },
      mseDelayMs: toDelayLine(mse, 150),
      stealPercent: round(steal()),
    };
    const missed = [
      ...(median(medians) > 250 ? ['first picture'] : []),
      ...(median(gains) < 1000 ? ['gain over waiting'] : []),
      ...(line.webrtcDelayMs.p95.median > 60 ? ['WebRTC delay'] : []),
      ...(line.mseDelayMs.p95.median > 150 ? ['MSE delay'] : []),
    ];
    return { line, missed };
  },
  { json: values.json, limitMs: runs * 240_000 + 60_000 },
);
