/** One run of the agent, or of a peer, on the reference load: what it cost and whether anything was lost. */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { agentMetrics, camerasOf, startAgent } from './agent.ts';
import { diskBytes, processTree, sleep } from './measure.ts';
import { observe, type Observed, type Span } from './observe.ts';
import type { ReadyPeer } from './peers/index.ts';
import { checkPictures, countOpen, type PictureCheck } from './pictures.ts';
import type { startSimulator } from './program.ts';

type Load = Awaited<ReturnType<typeof startSimulator>>;

const lookMs = 250;
/** Pictures a second of the reference load. */
const fps = 25;

export type AgentRun = {
  readonly cameras: number;
  /** From starting the agent until a file of every camera has footage; absent when that took longer than warming up. */
  readonly allRecordedSeconds: number | undefined;
  readonly agent: Observed;
  readonly load: Observed;
  /** From the cameras, while it was watched; known to a few seconds. */
  readonly receivedBytes: number;
  /** Handed to the disk by the agent from start to end, the index included, by byte of all files. */
  readonly writeAmplification: number;
  readonly lost: number;
  readonly reconnects: number;
  readonly worstArchiveBytes: number;
  /** `leftOpen`: files that the agent had no time to close; they count as its next start has found them. */
  readonly pictures: PictureCheck & { readonly leftOpen: number };
};

export type AgentJob = {
  readonly load: Load;
  readonly cameras: number;
  readonly folder: string;
  readonly span: Span;
  /** Most bytes of footage kept, all cameras together. */
  readonly capBytes?: number | undefined;
};

const toCounts = async (load: Load): Promise<Record<string, number>> =>
  JSON.parse(await load.ask('counts', /^\{/)) as Record<string, number>;

/** Records all cameras, and removes what was recorded. */
export async function runAgent({ load, cameras, folder, span, capBytes }: AgentJob): Promise<AgentRun> {
  const house = join(folder, 'house');
  const camerasFile = join(folder, 'cameras.json');
  const limits = capBytes === undefined ? {} : { capBytes: Math.floor(capBytes / cameras) };
  writeFileSync(camerasFile, JSON.stringify(camerasOf(load.base, cameras).map((camera) => ({ ...camera, ...limits }))));
  const countsBefore = await toCounts(load);
  const startMs = performance.now();
  const agent = await startAgent({ folder: house, camerasFile, level: 'error' });
  const secondsSince = (): number => (performance.now() - startMs) / 1000;
  const archive = join(house, 'archive');
  while (countCameras(archive) < cameras && secondsSince() < span.warmUp) await sleep(lookMs);
  const tookSeconds = secondsSince();
  const allRecordedSeconds = countCameras(archive) < cameras ? undefined : tookSeconds;
  const sets = { agent: () => processTree(agent.pid), load: () => processTree(load.pid) };
  let before: Awaited<ReturnType<typeof agentMetrics>> | undefined;
  let worstArchiveBytes = 0;
  const rest = { ...span, warmUp: Math.max(0, span.warmUp - secondsSince()) };
  const observed = await observe(sets, rest, {
    onBegin: async () => void (before = await agentMetrics(agent.socketPath)),
    onSample: () => (worstArchiveBytes = Math.max(worstArchiveBytes, sizeOf(archive))),
  });
  const after = await agentMetrics(agent.socketPath);
  const handedBytes = diskBytes(sets.agent());
  await agent.stop();
  const counts = await toCounts(load);
  const sent = Object.entries(counts)
    .slice(0, cameras)
    .map(([camera, count]) => [camera, count - (countsBefore[camera] ?? 0)] as const);
  const leftOpen = countOpen(join(house, 'agent'));
  if (leftOpen > 0) await closeOpen(house, camerasFile);
  const pictures = { ...checkPictures(join(house, 'agent'), Object.fromEntries(sent), fps), leftOpen };
  rmSync(house, { recursive: true, force: true });
  const grown = (name: string): number => after.sum(name) - before!.sum(name);
  return {
    ...{ cameras, allRecordedSeconds },
    ...observed,
    receivedBytes: grown('porchlight_received_bytes_total'),
    writeAmplification: handedBytes / pictures.fileBytes,
    lost: after.sum('porchlight_packets_lost_total') + after.sum('porchlight_queue_drops_total'),
    reconnects: after.sum('porchlight_reconnects_total'),
    ...{ worstArchiveBytes, pictures },
  };
}

/** An agent that had no time to close its files does so when it starts again. */
async function closeOpen(house: string, camerasFile: string): Promise<void> {
  const cameras = JSON.parse(readFileSync(camerasFile, 'utf8')) as object[];
  writeFileSync(camerasFile, JSON.stringify(cameras.map((camera) => ({ ...camera, paused: true }))));
  const agent = await startAgent({ folder: house, camerasFile, level: 'error' });
  for (let tries = 0; countOpen(join(house, 'agent')) > 0 && tries < 60; tries++) await sleep(1000);
  await agent.stop();
}

export type PeerRun = {
  readonly peer: string;
  readonly cameras: number;
  readonly usage: Observed;
  readonly bytes: number;
};

export type PeerJob = { readonly load: Load; readonly cameras: number; readonly folder: string; readonly span: Span };

/** Lets a peer do the same job, and removes what it has recorded. */
export async function runPeer({ peer, program }: ReadyPeer, job: PeerJob): Promise<PeerRun> {
  const folder = join(job.folder, peer.name);
  const urls = Array.from({ length: job.cameras }, (_, index) => `${job.load.base}/cam${index + 1}`);
  mkdirSync(folder, { recursive: true });
  const running = await peer.start({ program, urls, folder });
  try {
    const { usage } = await observe({ usage: () => running.pids() }, job.span);
    const bytes = running.bytes?.() ?? sizeOf(folder);
    return { peer: peer.name, cameras: job.cameras, usage, bytes };
  } finally {
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Bytes of all files below; what goes meanwhile counts nothing. */
function sizeOf(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}

/** Cameras with footage on the disk. */
function countCameras(archive: string): number {
  const found = new Set<string>();
  for (const entry of existsSync(archive) ? readdirSync(archive, { recursive: true, withFileTypes: true }) : []) {
    const path = join(entry.parentPath, entry.name);
    const camera = relative(archive, path).split(sep)[0]!;
    if (!entry.name.endsWith('.mp4') || found.has(camera)) continue;
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0) found.add(camera);
  }
  return found.size;
}
