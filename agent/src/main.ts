import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { liveRoutes, openApp, openGrantGate, openLocalServer, triggerRoutes, writeMetrics, type AgentEnv, type GrantGate } from '#api';
import { openArchive, type Archive } from '#archive';
import { openDiskVolume, type Volume } from '#volume';
import { openLink, type Link } from '#link';
import { openParent } from '#parent';
import { playbackRoutes } from '#playback';
import { openRoster, readCameraFile } from '#roster';
import { openShardPool, settleHeap, type ShardPool } from '#shard';
import { openSnapshots, openWatcher, snapshotRoutes } from '#watch';
import { systemClock as clock } from '@porchlight/base/clock';
import { options, parseOptions, readIceSettings } from '@porchlight/base/config';
import { toHouseError } from '@porchlight/base/errors';
import { openFolderLock } from '@porchlight/base/lock';
import { openLog, type Log } from '@porchlight/base/log';
import { openShutdown, type Shutdown } from '@porchlight/base/shutdown';

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
/** By then everything is loaded, and nobody waits for anything. */
const settleAfterMs = 6000;
const demoFolder = resolve(import.meta.dirname, '../../simulator/assets');
const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
  version: string;
};

type Given = ReturnType<typeof parseOptions<typeof optionTable>>;
type House = { readonly given: Given; readonly log: Log; readonly shutdown: Shutdown };

async function main(): Promise<void> {
  process.umask(0o077);
  const given = parseOptions(process.argv.slice(2), optionTable);
  // Each shard reads its own part again; what is wrong is said here, once.
  readIceSettings(process.env, { shard: 0, shards: availableParallelism() });
  const log = openLog({ name: 'agent', level: given.level });
  const shutdown = openShutdown({ clock, log, graceMs: closeMs, process });
  process.on('unhandledRejection', (error) => log.error('unhandled rejection', { error }));
  const house = { given, log, shutdown };

  const parent = openParent(process, clock);
  const lock = openFolderLock(given.data, `Another agent runs with ${given.data}`);
  shutdown.add('lock', () => lock.close());
  const volume = openDiskVolume(given.archive);
  const archive = await openArchive({ folder: given.data, volume, clock, log });
  shutdown.add('archive', () => archive.close());
  let link: Link | undefined;
  const pool = await openShards(house, archive, () => link?.report());
  const gate = openGrantGate(clock);
  await openAnswers(house, { archive, volume, pool, gate });

  const openCredentials: Link['openCredentials'] = (sealed) => link!.openCredentials(sealed);
  const roster = openRoster({ archive, pool, gate, clock, openCredentials });
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
  const settling = clock.after(settleAfterMs, settleHeap);
  shutdown.add('settling', () => settling.cancel());
  log.info('The agent is ready');
}

/** The threads that record; the archive hears of everything they write. */
async function openShards({ given, log, shutdown }: House, archive: Archive, onReport: () => void): Promise<ShardPool> {
  const pool = await openShardPool({
    archiveFolder: given.archive,
    socketPath: `${given.socket}.shard`,
    demoFolder,
    clock,
    log,
    level: given.level,
    onEvents: (events) => events.forEach((event) => archive.note(event)),
    onReport,
    onAbandoned: (segments) => void archive.closeAbandoned(segments),
  });
  shutdown.add('shards', () => pool.close());
  return pool;
}

type Sources = {
  readonly archive: Archive;
  readonly volume: Volume;
  readonly pool: ShardPool;
  readonly gate: GrantGate;
};

/** The HTTP app on the local socket: footage, live view, snapshots, metrics. Without a hub nobody signs grants. */
async function openAnswers(
  { given, log, shutdown }: House,
  { archive, volume, pool, gate: ofHub }: Sources,
): Promise<void> {
  const watcher = openWatcher({ clock, log });
  shutdown.add('watcher', () => watcher.close());
  const snapshots = openSnapshots({
    findPicture: (camera, stream) => pool.ask(camera, 'key-frame', { camera, stream }),
    watcher,
    clock,
  });
  const metrics = (): string =>
    writeMetrics({
      reports: pool.reports.values(),
      viewers: pool.viewers,
      shardRestarts: pool.restarts,
      usedBytes: (camera) => archive.usedBytes(camera),
    });
  const routes = {
    playback: playbackRoutes({ archive, volume, clock, log }),
    live: liveRoutes(pool),
    triggers: triggerRoutes({ pool, listEvents: (camera, span) => archive.listEvents(camera, span) }),
    snapshots: snapshotRoutes<AgentEnv>(snapshots),
  };
  const gate = given.cameras === undefined ? ofHub : undefined;
  const app = openApp({ gate, routes, metrics, log });
  const findSocket = pool.findSocket.bind(pool);
  const server = await openLocalServer({ socketPath: given.socket, app, gate, findSocket, log });
  shutdown.add('local socket', () => server.close());
}

main().catch((thrown: unknown) => {
  const error = toHouseError(thrown);
  process.stderr.write(`${error.message}\n`, () => process.exit(error.kind === 'internal' ? 1 : 2));
});
