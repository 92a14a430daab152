import { join } from 'node:path';
import { adoptFile, OpenSegments, reconcile, repairOpen } from '#archive';
import { ChainStore, toChainHooks } from '#chain';
import { IndexStore } from '#index-store';
import type { VolumeSet } from '#volume';
import type { Clock } from '@porchlight/base/clock';
import type { Log } from '@porchlight/base/log';
import type { FsckReport } from './report.ts';

export type RepairOptions = {
  /** Holds `index.sqlite`; the caller holds its lock. */
  readonly folder: string;
  readonly volumes: VolumeSet;
  readonly clock: Clock;
  readonly log: Log;
};

/**
 * Makes files and rows agree as the agent does in the background, and takes files that are longer or shorter than recorded for what they are:
 * their row goes with a tombstone, what is whole of them is adopted. While much is missing nothing is taken for lost.
 */
export async function repairArchive(options: RepairOptions, found: Pick<FsckReport, 'otherSize'>): Promise<void> {
  const { volumes, clock, log } = options;
  const store = new IndexStore(join(options.folder, 'index.sqlite'));
  try {
    store.listen(toChainHooks(new ChainStore(store.db, () => clock.nowMs())));
    await repairOpen({ store, volumes, log }, () => false);
    for (const { path } of found.otherSize) {
      const row = store.findByPath(path);
      if (row === undefined || row.open) continue;
      store.transaction(() => store.deleteSegment(row, 'altered'));
      await adoptFile({ store, volumes, log }, path);
    }
    await reconcile({
      ...{ store, volumes, log, open: new OpenSegments() },
      startedMs: Number.MAX_SAFE_INTEGER,
      isClosed: () => false,
    });
  } finally {
    store.close();
  }
}
