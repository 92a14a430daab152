/**
 * A house of six 4K cameras (H.265 8 Mbit/s, with an H.264 sub-stream each), all twelve streams recorded, one live viewer, one playback:
 * CPU and memory of the agent. It takes 70 s and another 30 s (`--seconds`) per run; broken off earlier it prints no figures.
 * node bench/house-load.ts [--cameras 6] [--runs 3] [--seconds 30] [--viewer main|sub] [--json FILE]
 */
import { setMaxListeners } from 'node:events';
import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';
import { startHouse, until, type House } from './house.ts';
import { fourKLoad, subLoad } from './loads.ts';
import { cpuSeconds, measure, median, processTree, pssMiB, sleep, startSimulator } from './measure.ts';
import { round, run } from './page.ts';

const { values } = parseArgs({
  options: {
    cameras: { type: 'string' },
    runs: { type: 'string' },
    seconds: { type: 'string' },
    viewer: { type: 'string' },
    json: { type: 'string' },
  },
});
const cameras = Number(values.cameras ?? 6);
const runs = Number(values.runs ?? 3);
const seconds = { warmUp: 20, run: Number(values.seconds ?? 30) };
const sampleEveryMs = 2000;
/** 200 MB; PSS is read in MiB. */
const memoryBarMiB = 200e6 / 2 ** 20;
const viewerStream = values.viewer === 'sub' ? 'sub' : 'main';

type Received = { bytes: number; pictures: number };

/** A live viewer as a page is one, without its decoder. */
async function openViewer(house: House, camera: string): Promise<{ received: Received; close(): void }> {
  const received: Received = { bytes: 0, pictures: 0 };
  const url = new URL(`/api/cameras/${camera}/mse?stream=${viewerStream}`, house.url.replace(/^http/, 'ws'));
  const socket = new WebSocket(url, { headers: { authorization: house.authorization } });
  await new Promise((done, failed) => socket.once('open', done).once('error', failed));
  socket.on('message', (data: Buffer, isBinary) => {
    if (!isBinary) return;
    received.bytes += data.length;
    received.pictures++;
  });
  return { received, close: () => socket.close() };
}

type Part = { readonly url: string; readonly range: string; readonly durationMs: number; readonly wallMs: number };

type Sampled = Awaited<ReturnType<typeof measure>> & { readonly worstPssMiB: number };

/** Measures the agent; its memory is the median of samples all along, since that at one moment depends on where the pictures' groups are. */
async function measureAgent(agent: number, span: { warmUp: number; run: number }): Promise<Sampled> {
  await sleep(span.warmUp * 1000);
  const samples: number[] = [];
  const sampling = setInterval(() => samples.push(pssMiB(processTree(agent))), sampleEveryMs);
  const usage = await measure(() => processTree(agent), { warmUp: 0, run: span.run });
  clearInterval(sampling);
  samples.push(usage.pssMiB);
  return { ...usage, pssMiB: median(samples), worstPssMiB: Math.max(...samples) };
}

/** The entries of a playlist, each with its bytes and its time. */
function parsePlaylist(text: string, base: string): { parts: Part[]; targetMs: number } {
  const parts: Part[] = [];
  const targetMs = 1000 * Number(/#EXT-X-TARGETDURATION:(\d+)/.exec(text)?.[1] ?? 2);
  let [durationMs, range, wallMs] = [0, '', 0];
  for (const line of text.split('\n')) {
    const [, name, value = ''] = /^#(EXT[\w-]*):(.*)$/.exec(line) ?? [];
    if (name === 'EXTINF') durationMs = 1000 * Number.parseFloat(value);
    else if (name === 'EXT-X-PROGRAM-DATE-TIME') wallMs = Date.parse(value);
    else if (name === 'EXT-X-BYTERANGE') {
      const [length, offset] = value.split('@').map(Number);
      range = `bytes=${offset}-${offset! + length! - 1}`;
    } else if (line !== '' && !line.startsWith('#')) {
      parts.push({ url: new URL(line, base).href, range, durationMs, wallMs });
      [wallMs, range] = [wallMs + durationMs, ''];
    }
  }
  return { parts, targetMs };
}

/** Plays footage as hls.js does: the playlist again every target duration, the bytes at the speed of playing. */
async function play(
  house: House,
  camera: string,
  options: { fromMs: number; signal: AbortSignal; received: Received },
) {
  const { fromMs, signal, received } = options;
  const path = `/api/cameras/${camera}/hls/index.m3u8?from=${fromMs}&to=${fromMs + 600_000}`;
  const beganMs = performance.now();
  const aheadMs = 20_000;
  let playedMs = 0;
  let nextWallMs = 0;
  while (!signal.aborted) {
    const answer = await house.api(path, { signal });
    const { parts, targetMs } = parsePlaylist(await answer.text(), answer.url);
    for (const part of parts) {
      if (part.wallMs < nextWallMs) continue;
      if (playedMs > performance.now() - beganMs + aheadMs) break;
      const headers = part.range === '' ? {} : { range: part.range };
      const bytes = await (await house.api(part.url, { headers, signal })).arrayBuffer();
      received.bytes += bytes.byteLength;
      received.pictures += Math.round(part.durationMs / 40);
      playedMs += part.durationMs;
      nextWallMs = part.wallMs + part.durationMs - 1;
    }
    await sleep(targetMs);
  }
}

await run(
  async (onEnd) => {
    setMaxListeners(100);
    const [fourK, small] = await Promise.all(
      [fourKLoad(), subLoad()].map((file) => startSimulator(['--file', file, '--streams', String(cameras)])),
    );
    onEnd(() => Promise.all([fourK!.stop(), small!.stop()]));
    const house = await startHouse(['--no-demo']);
    onEnd(() => house.stop());
    const names = Array.from({ length: cameras }, (_, index) => `cam${index + 1}`);
    for (const name of names) {
      const body = JSON.stringify({
        ...{ name, transport: 'tcp', url: `${fourK!.base}/${name}`, subUrl: `${small!.base}/${name}` },
      });
      const headers = { 'content-type': 'application/json' };
      const answer = await house.api('/api/cameras', { method: 'POST', headers, body });
      if (answer.status !== 201) throw new Error(`Adding ${name}: ${answer.status} ${await answer.text()}`);
    }
    const fromMs = Date.now() + 3000;
    type Status = {
      streams: { name: string; recording: boolean; codec: string; bitrateBps: number; packetsLost: number }[];
    };
    const statuses = () =>
      Promise.all(names.map(async (name) => (await (await house.api(`/api/cameras/${name}`)).json()) as Status));
    await until(
      async () =>
        (await statuses()).every(({ streams }) => streams.filter(({ recording }) => recording).length === 2) ||
        undefined,
      'both streams of every camera recording',
    );
    const agent = house.pidOf('agent');
    const recordingOnly = await measureAgent(agent, seconds);

    const viewer = await openViewer(house, 'cam1');
    const playback: Received = { bytes: 0, pictures: 0 };
    const stopping = new AbortController();
    const playing = play(house, 'cam2', { fromMs, signal: stopping.signal, received: playback }).catch(
      (error: unknown) => {
        if (!stopping.signal.aborted) throw error;
      },
    );
    onEnd(() => (stopping.abort(), viewer.close(), playing));
    const usages: Sampled[] = [];
    const hub: number[] = [];
    for (let index = 0; index < runs; index++) {
      const [hubBefore, startMs] = [cpuSeconds([house.pidOf('hub')]), performance.now()];
      const before = { viewer: viewer.received.pictures, playback: playback.pictures };
      const usage = await measureAgent(agent, { warmUp: index === 0 ? seconds.warmUp : 0, run: seconds.run });
      const tookSeconds = (performance.now() - startMs) / 1000;
      hub.push((100 * (cpuSeconds([house.pidOf('hub')]) - hubBefore)) / tookSeconds);
      usages.push(usage);
      const fps = (count: number): number => count / tookSeconds;
      const [seen, played] = [fps(viewer.received.pictures - before.viewer), fps(playback.pictures - before.playback)];
      if (seen < 20 || played < 20) throw new Error(`The viewer got ${seen} pictures a second, playback ${played}`);
      console.error(
        `run ${index + 1}: agent ${usage.cpuPercent.toFixed(2)} %, ${usage.pssMiB.toFixed(0)} MiB; hub ${hub[index]!.toFixed(2)} %; viewer ${seen.toFixed(1)} fps, playback ${played.toFixed(1)} fps; steal ${usage.stealPercent.toFixed(1)} %`,
      );
    }
    const streams = (await statuses()).flatMap((status) => status.streams);
    const cpu = usages.map(({ cpuPercent }) => cpuPercent);
    const pss = usages.map((usage) => usage.pssMiB);
    const line = {
      ...{ cameras, viewerStream, recordedStreams: streams.filter(({ recording }) => recording).length },
      inMbitPerSecond: round(streams.reduce((sum, { bitrateBps }) => sum + bitrateBps, 0) / 1e6),
      packetsLost: streams.reduce((sum, { packetsLost }) => sum + packetsLost, 0),
      agentCpuPercent: { median: round(median(cpu)), worst: round(Math.max(...cpu)), bar: 5 },
      agentPssMiB: {
        median: round(median(pss)),
        worst: round(Math.max(...usages.map(({ worstPssMiB }) => worstPssMiB))),
        bar: round(memoryBarMiB),
      },
      shares: {
        recordingOnly: { cpuPercent: round(recordingOnly.cpuPercent), pssMiB: round(recordingOnly.pssMiB) },
        viewerAndPlaybackCpuPercent: round(median(cpu) - recordingOnly.cpuPercent),
        hubCpuPercent: round(median(hub)),
      },
      stealPercent: round(Math.max(...usages.map(({ stealPercent }) => stealPercent))),
    };
    const missed = [
      ...(median(cpu) > 5 ? ['CPU'] : []),
      ...(median(pss) > memoryBarMiB ? ['memory'] : []),
      ...(line.packetsLost > 0 ? ['packets lost'] : []),
    ];
    return { line, missed };
  },
  { json: values.json },
);
