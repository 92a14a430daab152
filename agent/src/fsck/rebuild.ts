import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { OpenSegments, reconcile, repairFile } from '#archive';
import { ChainStore, toChainHooks } from '#chain';
import { EventBook, eventsRead, readEventFiles, type EventRow } from '#event-book';
import { IndexStore } from '#index-store';
import { listChainCameras, listChainFiles, readChainFile, type ChainLines } from '#proof';
import { isMissing, isThere, type VolumePlace } from '#volume';
import type { Log } from '@porchlight/base/log';
import type { CameraId } from '@porchlight/contract/ids';
import type { Fact, FactOf } from '@porchlight/contract/proof';
import type { RepairOptions } from './repair.ts';

type SegmentFact = FactOf<'segment'> & { readonly seq: number };
/** What a rebuild did. */
export type Rebuilt = {
  /** From facts in chain files, with all that was known of them. */
  readonly restored: number;
  /** Where a camera's chain file does not hold; what follows there was not believed. */
  readonly chain: readonly string[];
};

/** Files of one run follow each other this closely. */
const sameRunMs = 250;
const rowsAtOnce = 500;

/**
 * Makes the index anew from files alone. Facts in chain files say what file names and boxes do not: runs, ticks, gaps, hashes, what was deleted
 * and by which rule. What they do not know is adopted as it stands. An index that is there is put aside, never deleted.
 */
export async function rebuildIndex(options: RepairOptions): Promise<Rebuilt> {
  const { folder, volumes, clock, log } = options;
  const old = putAside(folder, clock.nowMs());
  const store = new IndexStore(join(folder, 'index.sqlite'));
  try {
    const chain = new ChainStore(store.db, () => clock.nowMs());
    const trouble: string[] = [];
    let restored = 0;
    for (const place of volumes.list().filter(isThere)) {
      for (const camera of await listChainCameras(place.volume)) {
        const { live, fault } = await importChain({ store, chain, place }, camera);
        if (fault !== undefined) trouble.push(`${camera}: ${fault}`);
        restored += await restoreSegments({ store, chain, places: volumes.list().filter(isThere) }, camera, live);
        const end = chain.findEnd(camera);
        if (end !== undefined) chain.noteBroken(camera, 'index-rebuilt', end);
      }
    }
    store.listen(toChainHooks(chain));
    await reconcile({
      ...{ store, volumes, log, open: new OpenSegments() },
      startedMs: Number.MAX_SAFE_INTEGER,
      isClosed: () => false,
    });
    const book = new EventBook(store.db, 0);
    // The old index knows more of what went on when it ended.
    if (old !== undefined) carryEvents({ store, book }, old, log);
    for await (const row of readEventFiles(volumes)) store.transaction(() => book.adopt(row));
    store.setFact(eventsRead, 'yes');
    return { restored, chain: trouble };
  } finally {
    store.close();
  }
}

/** Gives where the old index lies now, if there was one. */
function putAside(folder: string, nowMs: number): string | undefined {
  const stamp = new Date(nowMs).toISOString().replace(/[:.]/g, '-');
  const old = join(folder, `index.sqlite.${stamp}.old`);
  const found = existsSync(join(folder, 'index.sqlite'));
  for (const end of ['', '-wal', '-shm']) {
    const path = join(folder, `index.sqlite${end}`);
    if (existsSync(path)) renameSync(path, `${old}${end}`);
  }
  return found ? old : undefined;
}

/** Events of the old index, as far as it can be read; they mark the footage they touch. */
function carryEvents({ store, book }: { store: IndexStore; book: EventBook }, old: string, log: Log): void {
  try {
    const from = new DatabaseSync(old, { readOnly: true });
    try {
      const rows = from.prepare(
        'select id, camera, trigger, label, at_ms as atMs, from_ms as fromMs, to_ms as toMs, triggers from event',
      );
      const put = (row: Record<string, unknown>): void =>
        book.put({ ...row, label: row['label'] ?? undefined } as EventRow);
      store.transaction(() => rows.all().forEach(put));
    } finally {
      from.close();
    }
  } catch (error) {
    log.warn('The old index gives no events', { error });
  }
}

type Importing = { readonly store: IndexStore; readonly chain: ChainStore; readonly place: VolumePlace };
type Live = { readonly segments: SegmentFact[]; readonly keptFromMs: number };

/** Takes a camera's chain over from its files, up to where it does not hold. */
async function importChain(
  { store, chain, place }: Importing,
  camera: CameraId,
): Promise<{ live: Live; fault: string | undefined }> {
  const facts: Fact[] = [];
  let fault: string | undefined;
  for (const path of await listChainFiles(place.volume, camera)) {
    const lines = await readChainFile(place.volume, path);
    store.transaction(() => {
      for (const entry of lines.entries) {
        fault ??= chain.adoptEntry(camera, entry)
          ? undefined
          : `after fact ${facts.at(-1)?.seq ?? 0} it does not go on`;
        if (fault === undefined) facts.push(entry.fact);
      }
      importStatements(chain, lines);
    });
  }
  return { live: toLive(facts), fault };
}

/** Heads and receipts, where they are about the chain as it stands. */
function importStatements(chain: ChainStore, lines: ChainLines): void {
  for (const { certificate, role } of lines.certificates) chain.putCertificateText(certificate, role);
  for (const signed of lines.heads) {
    const { camera, seq, link } = signed.head;
    if (chain.find(camera, seq)?.link !== link) continue;
    chain.putHead(signed);
    chain.noteSaved(camera, seq, 1);
  }
  for (const signed of lines.receipts) {
    const { camera, seq } = signed.receipt;
    if (chain.putReceipt(signed)) chain.noteSaved(camera, seq, 2);
  }
}

/** Segments that no tombstone buries, and up to when footage was deleted by the rules. */
function toLive(facts: readonly Fact[]): Live {
  const segments = new Map<number, SegmentFact>();
  let keptFromMs = 0;
  for (const { seq, what } of facts) {
    if (what.kind === 'segment') segments.set(seq, { ...what, seq });
    if (what.kind === 'cleared') segments.clear();
    if (what.kind !== 'tombstone') continue;
    if (what.of !== undefined) segments.delete(what.of);
    const byRule = what.rule === 'budget' || what.rule === 'age' || what.rule === 'floor';
    if (byRule && what.stream === 'main') keptFromMs = Math.max(keptFromMs, what.toMs);
  }
  return { segments: [...segments.values()].sort((a, b) => a.fromMs - b.fromMs), keptFromMs };
}

type Restoring = { readonly store: IndexStore; readonly chain: ChainStore; readonly places: readonly VolumePlace[] };

/** Rows for the files that are there as their facts say; the others are told in the ledger. Gives how many. */
async function restoreSegments({ store, chain, places }: Restoring, camera: CameraId, live: Live): Promise<number> {
  const ends = new Map<string, { run: string; name: string; endMs: number }>();
  const waiting: (() => void)[] = [];
  const flush = (): void => store.transaction(() => waiting.splice(0).forEach((write) => write()));
  let restored = 0;
  for (const fact of live.segments) {
    const found = await findFile(places, fact);
    waiting.push(() => {
      for (const gap of fact.gaps ?? []) store.insertGap(camera, fact.stream, gap);
    });
    if (found === undefined) {
      waiting.push(() => store.insertGap(camera, fact.stream, { fromMs: fact.fromMs, reason: 'unknown' }));
      continue;
    }
    const before = ends.get(fact.stream);
    const goesOn = before?.run === fact.run && fact.fromMs - before.endMs <= sameRunMs;
    // A file is missing in the middle of a run: what follows is a run of its own, or the span would cover the hole.
    const name = goesOn ? before.name : before?.run === fact.run ? `${fact.run}.from-${fact.fromMs}` : fact.run;
    ends.set(fact.stream, { run: fact.run, name, endMs: fact.toMs });
    waiting.push(() => chain.tie(camera, fact.seq, insert(store, { camera, fact, run: name, ...found })));
    restored++;
    if (waiting.length >= rowsAtOnce) flush();
  }
  waiting.push(() => live.keptFromMs > 0 && store.noteKeptFrom(camera, live.keptFromMs));
  flush();
  return restored;
}

type Found = { readonly place: VolumePlace; readonly file: NonNullable<Awaited<ReturnType<typeof repairFile>>> };

/** The file of a fact, on whichever volume it lies; undefined when it is gone or not the one recorded any more. */
async function findFile(places: readonly VolumePlace[], fact: SegmentFact): Promise<Found | undefined> {
  for (const place of places) {
    try {
      const reader = await place.volume.openReader(fact.path);
      const { sizeBytes } = reader;
      await reader.close();
      if (sizeBytes !== fact.sizeBytes) return undefined;
      const file = await repairFile(place.volume, fact.path);
      return file?.sizeBytes === sizeBytes ? { place, file } : undefined;
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  return undefined;
}

function insert(
  store: IndexStore,
  { camera, fact, run, place, file }: Found & { camera: CameraId; fact: SegmentFact; run: string },
): number {
  const { stream, path, fromMs: startMs, startTicks, clockRateHz, codec: codecString, initHash } = fact;
  const times = { startMs, startTicks, clockRateHz };
  const id = store.insertSegment(
    { camera, stream, path, run, ...times, codecString, initHash, volume: place.id },
    file.init,
  );
  const { toMs: endMs, durationTicks, sizeBytes, frames, packetsLost, sha256 } = fact;
  store.closeSegment({ id, endMs, durationTicks, sizeBytes, frames, packetsLost, sha256, fragments: file.fragments });
  return id;
}
