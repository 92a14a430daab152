import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { liveRoutes, openApp, openGrantGate, openLocalServer, writeMetrics } from '#api';
import { openArchive, openDiskVolume } from '#archive';
import { openLink, type Link } from '#link';
import { openFolderLock } from '#lock';
import { openParent } from '#parent';
import { playbackRoutes } from '#playback';
import { openRoster, readCameraFile } from '#roster';
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
const demoFolder = resolve(import.meta.dirname, '../../simulator/assets');
const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
  version: string;
};

async function main(): Promise<void> {
  process.umask(0o077);
  const given = parseOptions(process.argv.slice(2), optionTable);
  const log = openLog({ name: 'agent', level: given.level });
  const shutdown = openShutdown({ clock, log, graceMs: closeMs, process });
  process.on('unhandledRejection', (error) => log.error('unhandled rejection', { error }));

  const parent = openParent(process, clock);
  const lock = openFolderLock(given.data);
  shutdown.add('lock', () => lock.close());
  const volume = openDiskVolume(given.archive);
  const archive = await openArchive({ folder: given.data, volume, clock, log });
  shutdown.add('archive', () => archive.close());

  let link: Link | undefined;
  const pool = await openShardPool({
    archiveFolder: given.archive,
    socketPath: `${given.socket}.shard`,
    demoFolder,
    clock,
    log,
    level: given.level,
    onEvents: (events) => events.forEach((event) => archive.note(event)),
    onReport: () => link?.report(),
    onAbandoned: (segments) => void archive.closeAbandoned(segments),
  });
  shutdown.add('shards', () => pool.close());

  const gate = openGrantGate(clock);
  const openCredentials: Link['openCredentials'] = (sealed) => link!.openCredentials(sealed);
  const roster = openRoster({ archive, pool, gate, clock, openCredentials });
  const metrics = (): string =>
    writeMetrics({
      reports: pool.reports.values(),
      viewers: pool.viewers,
      shardRestarts: pool.restarts,
      usedBytes: (camera) => archive.usedBytes(camera),
    });
  const routes = { playback: playbackRoutes({ archive, volume, clock, log }), live: liveRoutes(pool) };
  const checked = given.cameras === undefined ? gate : undefined;
  const app = openApp({ gate: checked, routes, metrics, log });
  const findSocket = pool.findSocket.bind(pool);
  const server = await openLocalServer({ socketPath: given.socket, app, gate: checked, findSocket, log });
  shutdown.add('local socket', () => server.close());

  if (given.cameras !== undefined) roster.apply(readCameraFile(given.cameras, clock.nowMs()));
  else {
    link = openLink({
      folder: given.data,
      clock,
      log,
      version,
      claim: () => parent.askForClaim(),
      onDesired: (desired) => roster.take(desired),
      onCommand: (verb, args) => roster.run(verb, args),
      reports: () => roster.reports(),
    });
    shutdown.add('link', () => link?.close());
  }
  parent.sayReady();
  log.info('The agent is ready');
}

main().catch((thrown: unknown) => {
  const error = toHouseError(thrown);
  process.stderr.write(`${error.message}\n`, () => process.exit(error.kind === 'internal' ? 1 : 2));
});
