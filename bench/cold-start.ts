/**
 * How soon cameras are recorded: all of them after the agent was started, and each after it is well again when all were down at the start
 * (nothing listens; connections are taken and nothing is answered; all viewers' places are taken). Bar: 5 s for each.
 * node bench/cold-start.ts [--cameras 100] [--mbit 2] [--down 20] [--json FILE]
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseFault } from '../simulator/src/faults/index.ts';
import { camerasOf, startAgent } from './agent.ts';
import { cacheFolder, median, percentile, sleep, watchSteal } from './measure.ts';
import { run } from './page.ts';
import type { FaultMessage } from './soak/cameras.ts';
import { openCameras } from './soak/open-cameras.ts';

const { values } = parseArgs({
  options: {
    cameras: { type: 'string', default: '100' },
    mbit: { type: 'string', default: '2' },
    down: { type: 'string', default: '20' },
    json: { type: 'string' },
  },
});
const cameras = Number(values.cameras);
const mbitPerSecond = Number(values.mbit);
const downMs = Number(values.down) * 1000;
const barMs = 5000;
const lookMs = 100;
/** More than what stands in a file before its first pictures. */
const initBytes = 2000;
const longestMs = 30_000;
/** Cameras come back one after the other within so long. */
const spreadMs = 6000;
const names = Array.from({ length: cameras }, (_, index) => `cam${index + 1}`);

type Figures = { readonly medianMs: number; readonly p95Ms: number; readonly worstMs: number; readonly never: number };

/** When footage of each camera was first on disk, on this process's clock; those of which there never was any are not in it. */
async function watchRecording(archive: string): Promise<Map<string, number>> {
  const seen = new Map<string, number>();
  for (const startedMs = performance.now(); performance.now() - startedMs < longestMs + spreadMs; await sleep(lookMs)) {
    for (const name of names) if (!seen.has(name) && hasFootage(join(archive, name))) seen.set(name, performance.now());
    if (seen.size === cameras) break;
  }
  return seen;
}

function hasFootage(folder: string): boolean {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true }).some(
      (entry) => entry.isFile() && statSync(join(entry.parentPath, entry.name)).size > initBytes,
    );
  } catch {
    return false; // The folder is not there yet.
  }
}

function toFigures(wellMs: ReadonlyMap<string, number>, recordedMs: ReadonlyMap<string, number>): Figures {
  const took = names.flatMap((name) => {
    const atMs = recordedMs.get(name);
    return atMs === undefined ? [] : [Math.max(0, Math.round(atMs - wellMs.get(name)!))];
  });
  if (took.length === 0) return { medianMs: -1, p95Ms: -1, worstMs: -1, never: cameras };
  return {
    medianMs: median(took),
    p95Ms: percentile(took, 0.95),
    worstMs: Math.max(...took),
    never: cameras - took.length,
  };
}

const setFault = (child: ChildProcess, name: string, text: string | undefined): boolean =>
  child.send({ name, fault: text === undefined ? undefined : parseFault(text) } satisfies FaultMessage);

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

await run(
  async (onEnd) => {
    mkdirSync(cacheFolder, { recursive: true });
    const folder = mkdtempSync(join(cacheFolder, 'cold-start-'));
    onEnd(() => rmSync(folder, { recursive: true, force: true }));
    const steal = watchSteal();
    const figures: Record<string, Figures> = {};

    const withAgent = async (
      name: string,
      base: string,
      body: (archive: string) => Promise<Figures>,
    ): Promise<void> => {
      const camerasFile = join(folder, `${name}.json`);
      writeFileSync(camerasFile, JSON.stringify(camerasOf(base, cameras)));
      const agent = await startAgent({ folder: join(folder, name), camerasFile, level: 'error' });
      try {
        figures[name] = await body(join(folder, name, 'archive'));
      } finally {
        await agent.stop();
        rmSync(join(folder, name), { recursive: true, force: true });
      }
      console.error(JSON.stringify({ [name]: figures[name] }));
    };
    const allAt = (atMs: number): Map<string, number> => new Map(names.map((name) => [name, atMs]));

    const { child, base } = await openCameras(cameras, { mbitPerSecond });
    onEnd(() => child.kill());
    const startedMs = performance.now();
    await withAgent('start', base, async (archive) => toFigures(allAt(startedMs), await watchRecording(archive)));

    for (const [name, fault] of Object.entries({ silent: 'half-open', refusing: 'refuse=full' })) {
      for (const camera of names) setFault(child, camera, fault);
      await withAgent(name, base, async (archive) => {
        await sleep(downMs);
        const wellMs = new Map<string, number>();
        const recorded = watchRecording(archive);
        for (const camera of names) {
          wellMs.set(camera, performance.now());
          setFault(child, camera, undefined);
          await sleep(spreadMs / cameras);
        }
        return toFigures(wellMs, await recorded);
      });
    }

    const port = await findFreePort();
    await withAgent('absent', `rtsp://127.0.0.1:${port}`, async (archive) => {
      await sleep(downMs);
      const late = await openCameras(cameras, { mbitPerSecond, port });
      onEnd(() => late.child.kill());
      const wellMs = performance.now();
      return toFigures(allAt(wellMs), await watchRecording(archive));
    });

    const missed = Object.entries(figures)
      .filter(([, { worstMs, never }]) => never > 0 || worstMs > barMs)
      .map(([name, { worstMs, never }]) => `${name}: worst ${worstMs} ms of ${barMs}, ${never} never`);
    return {
      line: { cameras, mbitPerSecond, downMs, figures, barMs, stealPercent: Math.round(steal() * 10) / 10 },
      missed,
    };
  },
  { json: values.json },
);
