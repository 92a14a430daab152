import { join, resolve } from 'node:path';
import { liveRoutes, openApp, openLocalServer, writeMetrics } from '#api';
import { openArchive, openDiskVolume } from '#archive';
import { readCameraFile } from '#desired';
import { openFolderLock } from '#lock';
import { playbackRoutes } from '#playback';
import { openShardPool } from '#shard';
import { systemClock as clock } from '@porchlight/base/clock';
import { options, parseOptions } from '@porchlight/base/config';
import { toHouseError } from '@porchlight/base/errors';
import { openLog } from '@porchlight/base/log';
import { openShutdown } from '@porchlight/base/shutdown';

/** The agent's process: archive, shards, local socket, link to the hub; opened in this order, closed in the other. */
const optionTable = {
  data: options.path(),
  archive: options.path(),
  socket: options.text(),
  level: options.level(),
  /** A JSON file of cameras: runs without a hub. */
  cameras: options.optionalPath(),
};
const closeMs = 4300;
const assets = resolve(import.meta.dirname, '../../simulator/assets');
const demoFiles = { main: join(assets, 'street.mov'), sub: join(assets, 'street-sub.mov') };

async function main(): Promise<void> {
  process.umask(0o077);
  const given = parseOptions(process.argv.slice(2), optionTable);
  const log = openLog({ name: 'agent', level: given.level });
  const shutdown = openShutdown({ clock, log, graceMs: closeMs, process });
  process.on('unhandledRejection', (error) => log.error('unhandled rejection', { error }));
  const lock = openFolderLock(given.data);
  shutdown.add('lock', () => lock.close());

  const volume = openDiskVolume(given.archive);
  const archive = await openArchive({ folder: given.data, volume, clock, log });
  shutdown.add('archive', () => archive.close());

  const pool = await openShardPool({
    archiveFolder: given.archive,
    socketPath: `${given.socket}.shard`,
    demoFiles,
    clock,
    log,
    level: given.level,
    onEvents: (events) => events.forEach((event) => archive.note(event)),
    onReport: () => undefined,
    onAbandoned: () => undefined,
  });
  shutdown.add('shards', () => pool.close());

  const metrics = (): string =>
    writeMetrics({
      reports: pool.reports.values(),
      viewers: pool.viewers,
      shardRestarts: pool.restarts,
      usedBytes: (camera) => archive.usedBytes(camera),
    });
  const gate = undefined;
  const routes = { playback: playbackRoutes({ archive, volume, clock, log }), live: liveRoutes(pool) };
  const app = openApp({ gate, routes, metrics, log });
  const server = await openLocalServer({
    socketPath: given.socket,
    app,
    gate,
    findSocket: pool.findSocket.bind(pool),
    log,
  });
  shutdown.add('local socket', () => server.close());

  if (given.cameras) {
    const cameras = readCameraFile(given.cameras, clock.nowMs());
    for (const { config } of cameras)
      archive.setCamera(config.id, { addedMs: config.createdMs, capBytes: config.capBytes });
    pool.apply(cameras.map(({ line }) => line));
  }
  process.send?.({ kind: 'ready' });
  log.info('The agent is ready');
}

main().catch((thrown: unknown) => {
  const error = toHouseError(thrown);
  process.stderr.write(`${error.message}\n`, () => process.exit(error.kind === 'internal' ? 1 : 2));
});
