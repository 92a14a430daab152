import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import {
  exportRoutes,
  holdRoutes,
  liveRoutes,
  openApp,
  openGrantGate,
  openLocalServer,
  triggerRoutes,
  type AgentEnv,
  type GrantGate,
} from '#api';
import { openArchive, type Archive } from '#archive';
import { ChainStore, toChainHooks } from '#chain';
import { isClockSynchronized, openExportJobs, openJobFolder, openPace, type ExportJobs } from '#export';
import { toReadingVolume, type Volume } from '#volume';
import { openLink, type Link, type LinkOptions } from '#link';
import { measureCoverage, type CoverageSum } from '#coverage';
import { writeMetrics } from '#metrics';
import { openParent } from '#parent';
import { playbackRoutes, type FootageRecord } from '#playback';
import { openNotary, type Notary } from '#proof';
import { openRoster, openStorageDesk, readCameraFile, type Roster } from '#roster';
import { openVolumes, type Volumes } from '#storage';
import { openShardPool, settleNowAndThen, type ShardPool } from '#shard';
import { noWrites, openVitals, tellCertificate, type Vitals } from '#vitals';
import { openSnapshots, openWatcher, snapshotRoutes } from '#watch';
import { systemClock as clock } from '@porchlight/base/clock';
import { options, parseOptions, readIceSettings } from '@porchlight/base/config';
import { toHouseError } from '@porchlight/base/errors';
import { openFolderLock } from '@porchlight/base/lock';
import { openLog, type Log } from '@porchlight/base/log';
import { openShutdown, type Shutdown } from '@porchlight/base/shutdown';
import type { CameraId } from '@porchlight/contract/ids';

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
const settleTimes = { firstMs: 6000, everyMs: 300_000 };
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
  holdFolder(house);
  const volumes = await openVolumes({ folder: given.data, mainFolder: given.archive, clock, log });
  shutdown.add('volumes', () => volumes.close());
  const volume = toReadingVolume(volumes);
  let chain: ChainStore | undefined;
  let measuring: Vitals | undefined;
  const archive = await openArchive({
    ...{ folder: given.data, volume: volumes, clock, log },
    onIndexTrouble: () => measuring?.health.report({ kind: 'index', ok: false }),
    attach(store) {
      chain = new ChainStore(store.db, () => clock.nowMs());
      store.listen(toChainHooks(chain));
    },
  });
  shutdown.add('archive', () => archive.close());
  let link: Link | undefined;
  let running: ShardPool | undefined;
  const notary = await openNotary({ chain: chain!, volume, clock, log, send: (body) => link?.showHeads(body) });
  shutdown.add('record', () => notary.close());
  const vitals = (measuring = openMeasures(house, archive, { pool: () => running, link: () => link }));
  const pool = (running = await openShards(house, { archive, volumes, vitals }, () => link?.report()));
  const gate = openGrantGate(clock);
  await openAnswers(house, { archive, volume, pool, gate, vitals, record: { chain: chain!, notary } });

  const openCredentials: Link['openCredentials'] = (sealed) => link!.openCredentials(sealed);
  const cameras = (): CameraId[] => roster.reports().map(({ id }) => id);
  const storage = openStorageDesk({ volumes, keeping: archive.keeping, cameras, clock, log });
  const onCameras = (ids: readonly CameraId[]): void => vitals.keep(ids);
  const roster: Roster = openRoster({ archive, pool, gate, clock, openCredentials, storage, onCameras });
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
      alarms: () => vitals.health,
      storage: () => archive.keeping.status(),
      onIdentity: toIdentityTaker(notary, vitals),
      onWitnessed: (payload) => notary.take(payload),
      onOnline: (online) => online && notary.sayWaiting(),
    });
    shutdown.add('link', () => link?.close());
  }
  parent.sayReady();
  settleLater(shutdown);
  log.info('The agent is ready');
}

/** A new certificate: the record is signed with its key, and it is watched when it ends. */
function toIdentityTaker(notary: Notary, { health }: Vitals): NonNullable<LinkOptions['onIdentity']> {
  return (identity) => {
    notary.setIdentity(identity);
    tellCertificate(health, identity.certificatePem, clock.nowMs());
  };
}

function holdFolder({ given, shutdown }: House): void {
  const lock = openFolderLock(given.data, `Another agent runs with ${given.data}`);
  shutdown.add('lock', () => lock.close());
}

function settleLater(shutdown: Shutdown): void {
  const settling = settleNowAndThen(clock, settleTimes);
  shutdown.add('settling', () => settling.cancel());
}

type Later = { readonly pool: () => ShardPool | undefined; readonly link: () => Link | undefined };

/** What is measured, and the alarms that come of it. */
function openMeasures({ given, log, shutdown }: House, archive: Archive, { pool, link }: Later): Vitals {
  const vitals = openVitals({
    ...{ path: join(given.data, 'alarms.json'), clock, log },
    writes: () => pool()?.writes ?? noWrites,
    storage: () => archive.keeping.status(),
    onAlarms: () => link()?.reportAlarms(),
  });
  shutdown.add('vitals', () => vitals.close());
  return vitals;
}

/** The threads that record; the archive hears of everything they write. */
async function openShards(
  { given, log, shutdown }: House,
  { archive, volumes, vitals }: { readonly archive: Archive; readonly volumes: Volumes; readonly vitals: Vitals },
  onReport: () => void,
): Promise<ShardPool> {
  const pool = await openShardPool({
    target: volumes.target,
    socketPath: `${given.socket}.shard`,
    demoFolder,
    pinsFolder: join(given.data, 'certificates'),
    clock,
    log,
    level: given.level,
    onEvents: (events) => {
      for (const event of events) {
        archive.note(event);
        vitals.note(event);
        if (event.kind === 'event') onReport();
        if (event.kind === 'gap' && event.reason === 'disk-full') volumes.noteTrouble(undefined, 'full');
        if (event.kind === 'gap' && event.reason === 'disk-failed') void volumes.look();
      }
    },
    onReport: (report) => {
      vitals.take(report);
      onReport();
    },
    findRecorded: (camera) => archive.listRecorded(camera),
    onAbandoned: (segments) => void archive.closeAbandoned(segments),
  });
  shutdown.add('shards', () => pool.close());
  volumes.watch(() => {
    pool.setTarget(volumes.target);
    onReport();
  });
  // It may have become known while the threads were being started.
  pool.setTarget(volumes.target);
  return pool;
}

type Sources = {
  readonly archive: Archive;
  readonly volume: Volume;
  readonly pool: ShardPool;
  readonly gate: GrantGate;
  readonly vitals: Vitals;
  readonly record: FootageRecord;
};

/** What is recorded of the last 24 hours. */
function findCoverage(archive: Archive, camera: CameraId): CoverageSum {
  const toMs = clock.nowMs();
  const span = { fromMs: toMs - 86_400_000, toMs };
  return measureCoverage(archive.findSpans(camera, span.fromMs, toMs), span);
}

/** The HTTP app on the local socket: footage, live view, snapshots, metrics. Without a hub nobody signs grants. */
async function openAnswers(
  { given, log, shutdown }: House,
  { archive, volume, pool, gate: ofHub, vitals, record }: Sources,
): Promise<void> {
  const onState = (ok: boolean): void => vitals.health.report({ kind: 'watcher-down', ok });
  const watcher = openWatcher({ clock, log, onState });
  shutdown.add('watcher', () => watcher.close());
  const snapshots = openSnapshots({
    findPicture: (camera, stream) => pool.ask(camera, 'key-frame', { camera, stream }),
    watcher,
    clock,
  });
  const metrics = (): string =>
    writeMetrics({
      nowMs: clock.nowMs(),
      reports: [...pool.reports.values()],
      recordings: vitals.recordings(),
      writes: pool.writes,
      volumes: archive.keeping.status().volumes,
      alarms: vitals.health.open,
      viewers: pool.viewers,
      shardRestarts: pool.restarts,
      usedBytes: (camera) => archive.usedBytes(camera),
      coverage: (camera) => findCoverage(archive, camera),
    });
  const routes = {
    playback: playbackRoutes({ archive, volume, clock, log, record }),
    live: liveRoutes(pool),
    triggers: triggerRoutes({ pool, listEvents: (camera, span) => archive.listEvents(camera, span) }),
    snapshots: snapshotRoutes<AgentEnv>(snapshots),
    holds: holdRoutes(archive.keeping.holds),
    exports: exportRoutes(openExports({ given, log, shutdown }, { archive, volume, pool, record })),
  };
  const gate = given.cameras === undefined ? ofHub : undefined;
  const app = openApp({ gate, routes, metrics, log });
  const findSocket = pool.findSocket.bind(pool);
  const server = await openLocalServer({ socketPath: given.socket, app, gate, findSocket, log });
  shutdown.add('local socket', () => server.close());
}

/** Exports as jobs, beside what is recorded. */
function openExports(
  { given, log, shutdown }: House,
  { archive, volume, pool, record }: Pick<Sources, 'archive' | 'volume' | 'pool' | 'record'>,
): ExportJobs {
  const findClockOffset = (camera: CameraId): number | undefined =>
    pool.reports.get(camera)?.sources.find(({ clockOffMs }) => clockOffMs !== undefined)?.clockOffMs;
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  const folder = openJobFolder(join(given.data, 'exports'), log);
  const ground = { archive, volume, clock, log, record, folder, pace: openPace(clock) };
  const jobs = openExportJobs({ ...ground, timeZone, findClockOffset, isSynchronized: isClockSynchronized });
  shutdown.add('exports', () => jobs.close());
  return jobs;
}

main().catch((thrown: unknown) => {
  const error = toHouseError(thrown);
  process.stderr.write(`${error.message}\n`, () => process.exit(error.kind === 'internal' ? 1 : 2));
});
