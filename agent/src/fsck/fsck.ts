import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { checkChain, ChainStore, openBundle } from '#chain';
import { isThere, type VolumeSet } from '#volume';
import type { Clock } from '@porchlight/base/clock';
import { HouseError } from '@porchlight/base/errors';
import { openFolderLock, type FolderLock } from '@porchlight/base/lock';
import type { Log } from '@porchlight/base/log';
import type { ChainEntry } from '@porchlight/contract/proof';
import { inspect } from './inspect.ts';
import { rebuildIndex, type Rebuilt } from './rebuild.ts';
import { repairArchive } from './repair.ts';
import type { FsckReport } from './report.ts';

export type FsckOptions = {
  /** The agent's folder: `index.sqlite` and its lock. */
  readonly folder: string;
  readonly volumes: VolumeSet;
  readonly clock: Clock;
  readonly log: Log;
  readonly what: 'look' | 'repair' | 'rebuild-index';
  /** Reads every file and checks the chain of facts. */
  readonly deep: boolean;
};

export type FsckResult = {
  /** As it was found. */
  readonly found: FsckReport | undefined;
  /** As it is after repair. */
  readonly left: FsckReport | undefined;
  readonly rebuilt: Rebuilt | undefined;
};

const stopFirst = 'Stop it (npx porchlight start runs in that terminal; Ctrl-C ends it), then run this again.';

/**
 * Looks at an archive, and repairs it when told to. Looking never changes anything and works beside a running agent; repair needs the agent's
 * lock. Throws `HouseError`: `conflict` while an agent runs, `not-found` without an index.
 */
export async function fsck(options: FsckOptions): Promise<FsckResult> {
  const { folder, what } = options;
  const index = join(folder, 'index.sqlite');
  if (!existsSync(folder)) {
    throw new HouseError('not-found', `There is no agent's folder ${folder}`, {
      fix: 'Name the house with --data DIR.',
    });
  }
  const lock = takeLock(folder);
  try {
    if (what !== 'look' && lock === undefined) {
      throw new HouseError('conflict', 'An agent is recording with this folder', { fix: stopFirst });
    }
    const away = options.volumes.list().find((place) => !isThere(place));
    if (what === 'rebuild-index' && away !== undefined) {
      const fix = 'Bring it back first, or what lies on it would be left out.';
      throw new HouseError('unavailable', `The volume ${away.id} is not there`, { fix });
    }
    if (what !== 'rebuild-index' && !existsSync(index)) {
      throw new HouseError('not-found', 'There is no index here', { fix: 'Make it from the files: --rebuild-index.' });
    }
    const running = lock === undefined;
    const found = existsSync(index) && what !== 'rebuild-index' ? await look(options, running) : undefined;
    if (what === 'look') return { found, left: undefined, rebuilt: undefined };
    const rebuilt = what === 'rebuild-index' ? await rebuildIndex(options) : undefined;
    if (found !== undefined) await repairArchive(options, found);
    return { found, left: await look(options, running), rebuilt };
  } finally {
    lock?.close();
  }
}

function takeLock(folder: string): FolderLock | undefined {
  try {
    return openFolderLock(folder, 'An agent runs here');
  } catch (error) {
    if (error instanceof HouseError && error.kind === 'conflict') return undefined;
    throw error;
  }
}

async function look({ folder, volumes, clock, deep }: FsckOptions, running: boolean): Promise<FsckReport> {
  const db = new DatabaseSync(join(folder, 'index.sqlite'), { readOnly: true });
  try {
    const found = await inspect({ db, volumes, nowMs: clock.nowMs(), running, deep });
    return { ...found, chain: deep ? checkRecord(db) : [] };
  } finally {
    db.close();
  }
}

/** What does not hold in the chains that the index has. An index from before there were chains has none. */
function checkRecord(db: DatabaseSync): string[] {
  const has = db.prepare(`select 1 from sqlite_schema where name = 'chain'`).get();
  if (has === undefined) return [];
  const chain = ChainStore.openForReading(db);
  const bundle = openBundle(chain.listCertificates().map(({ pem }) => pem));
  return chain.listCameras().flatMap((camera) => {
    const first = chain.findFirstSeq(camera);
    const facts = chain.list(camera, first - 1, Number.MAX_SAFE_INTEGER);
    const after = chain.findPlaceBefore(camera, first + 1);
    const rest = first === 1 ? facts : facts.slice(1);
    const entries = rest.map(({ fact, signature, key }) => ({ fact, signature, key })) as ChainEntry[];
    const heads = chain.listHeads(camera, first, Number.MAX_SAFE_INTEGER);
    const piece = {
      ...{ camera, entries, heads: heads.map(({ signed }) => signed) },
      after: first === 1 ? chain.findPlaceBefore(camera, 1) : after,
      receipts: heads.flatMap(({ receipt }) => (receipt === undefined ? [] : [receipt])),
    };
    const { findings } = checkChain(piece, bundle);
    return findings.filter(({ level }) => level === 'broken').map(({ text }) => `${camera}: ${text}`);
  });
}
