import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { IndexStore } from '#index-store';
import { makeHouseKeys } from '#testing';
import { toCertificateDigest } from '@porchlight/base/signing';
import { agentIdSchema, cameraIdSchema } from '@porchlight/contract/ids';
import { toStatementText, type ChainEntry, type Receipt, type SignedReceipt } from '@porchlight/contract/proof';
import { checkChain, ChainStore, openBundle, signHead, toChainHooks, toFirstLink, type ChainPiece } from './index.ts';

const yard = cameraIdSchema.parse('yard');
const porch = cameraIdSchema.parse('porch');
const agent = agentIdSchema.parse('local');
const keys = makeHouseKeys();
const bundle = openBundle([keys.housePem, keys.agent.certificatePem, keys.witness.certificatePem]);
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
const minuteMs = 60_000;
const startMs = Date.UTC(2026, 10, 20);

function openChain(signed = true) {
  const store = new IndexStore(':memory:');
  const chain = new ChainStore(store.db, () => startMs);
  store.listen(toChainHooks(chain));
  if (signed) chain.setSigner(keys.agent.signer);
  let count = 0;
  const record = (camera = yard, more: { hash?: boolean; gapMs?: number } = {}): number => {
    const from = startMs + count++ * minuteMs + (more.gapMs ?? 0);
    const path = `${camera}/main/2026-11-20/${count}.mp4`;
    const id = store.insertSegment(
      {
        ...{ camera, stream: 'main', path, run: 'r1', startMs: from, startTicks: count * 90_000, clockRateHz: 90_000 },
        ...{ codecString: 'avc1.64001f', initHash: 'i1' },
      },
      new Uint8Array(4),
    );
    const closed = {
      endMs: startMs + count * minuteMs,
      durationTicks: 5_400_000,
      sizeBytes: 1000 + count,
      frames: 1500,
    };
    const sha256 = more.hash === false ? undefined : sha(path);
    store.transaction(() =>
      store.closeSegment({ id, ...closed, packetsLost: 0, sha256, fragments: new Uint8Array(4) }),
    );
    return id;
  };
  return { store, chain, record };
}

function toPiece(chain: ChainStore, camera = yard): ChainPiece {
  const entries = chain
    .list(camera, 0, 1e9)
    .map(({ fact, signature, key }) => ({ fact, signature, key })) as ChainEntry[];
  const heads = chain.listHeads(camera, 0, 1000).map(({ signed }) => signed);
  return { camera, after: { seq: 0, link: toFirstLink(camera) }, entries, heads, receipts: [] };
}

function makeReceipt(piece: ChainPiece, more: Partial<Receipt> = {}): SignedReceipt {
  const { seq, link } = piece.heads.at(-1)!.head;
  const house = toCertificateDigest(keys.housePem);
  const { key } = keys.witness.signer;
  const place = { agent, camera: piece.camera, seq, link };
  const receipt: Receipt = { v: 1, kind: 'receipt', house, ...place, atMs: startMs + 5, entry: 1, key, ...more };
  return { receipt, signature: keys.witness.signer.sign(toStatementText(receipt)) };
}

/** Two cameras, a day with deletions, sealed and witnessed. */
function openSealed() {
  const world = openChain();
  const ids = Array.from({ length: 6 }, () => world.record());
  world.record(porch);
  world.store.transaction(() => world.store.deleteSegment(world.store.findSegment(ids[0]!)!, 'budget'));
  signHead(world.chain, { camera: yard, agent, nowMs: startMs });
  world.record();
  signHead(world.chain, { camera: yard, agent, nowMs: startMs + 1 });
  const bare = toPiece(world.chain);
  return { ...world, ids, piece: { ...bare, receipts: [makeReceipt(bare)] } };
}

const broken = (piece: ChainPiece): string[] =>
  checkChain(piece, bundle)
    .findings.filter(({ level }) => level === 'broken')
    .map(({ text }) => text);

test('each closed segment leaves one fact, each deletion a tombstone that names its rule, and all of it checks', () => {
  const { piece, chain, ids } = openSealed();
  const checked = checkChain(piece, bundle);
  assert.deepEqual(checked.findings, []);
  assert.deepEqual(
    [...checked.facts.values()].map(({ what }) => what.kind),
    ['begun', ...Array.from({ length: 6 }, () => 'segment'), 'tombstone', 'segment'],
  );
  assert.deepEqual([...checked.buried], [[2, 'budget']]);
  assert.equal(chain.findSeq(ids[1]!), 3);
  assert.equal(chain.findSeq(ids[0]!), undefined);
  const { head, receipt } = checked.vouch(3);
  assert.deepEqual([head?.seq, receipt?.entry, receipt?.atMs], [8, 1, startMs + 5]);
  assert.deepEqual(checked.houses, [toCertificateDigest(keys.housePem)]);
  assert.deepEqual(chain.listCameras(), [porch, yard]);
});

test('a fact and its row are one write: what is rolled back leaves neither', () => {
  const { store, chain, record } = openChain();
  record();
  const before = chain.findEnd(yard);
  assert.throws(() =>
    store.transaction(() => {
      store.deleteCamera(yard, 'owner');
      throw new Error('no');
    }),
  );
  assert.deepEqual(chain.findEnd(yard), before);
  record();
  assert.deepEqual(broken(toPiece(chain)), []);
});

test('a repaired file gets its fact when its hash is known, and says that it was read back', () => {
  const { store, chain, record } = openChain();
  const id = record(yard, { hash: false });
  assert.equal(chain.findEnd(yard), undefined);
  store.setHash(id, sha('x'));
  const { what } = chain.find(yard, chain.findSeq(id)!)!.fact;
  assert.ok(what.kind === 'segment' && what.hashed === 'read-back' && what.sha256 === sha('x'));
  store.setHash(id, sha('x'));
  assert.equal(chain.findEnd(yard)!.seq, 2, 'one fact per file');
});

test('the time without footage before a file stands in its fact, with the reason in the ledger', () => {
  const { store, chain, record } = openChain();
  record();
  store.insertGap(yard, 'main', { fromMs: startMs + minuteMs + 5_000, reason: 'camera-offline' });
  const id = record(yard, { gapMs: 20_000 });
  const { what } = chain.find(yard, chain.findSeq(id)!)!.fact;
  assert.ok(what.kind === 'segment');
  assert.deepEqual(what.gaps, [
    { fromMs: startMs + minuteMs, toMs: startMs + minuteMs + 5_000, reason: 'unknown' },
    { fromMs: startMs + minuteMs + 5_000, toMs: startMs + minuteMs + 20_000, reason: 'camera-offline' },
  ]);
});

test('thinning buries the old fact and derives a new one from it', () => {
  const { store, chain, record } = openChain();
  const id = record();
  store.db.exec(`update segment set size_bytes = 10, sha256 = '${sha('thin')}' where id = ${id}`);
  store.tellThinned(store.findSegment(id)!, store.findSegment(id)!);
  const [, , tombstone, fact] = chain.list(yard, 0, 100).map(({ fact: { what } }) => what);
  assert.ok(tombstone?.kind === 'tombstone' && tombstone.rule === 'thinned' && tombstone.of === 2);
  assert.ok(fact?.kind === 'segment' && fact.derivedFrom === 2 && fact.sha256 === sha('thin'));
  assert.equal(chain.findSeq(id), 4);
});

test('a camera that is removed leaves its facts and one tombstone for all of them', () => {
  const { store, chain, record } = openChain();
  record();
  record();
  store.transaction(() => store.deleteCamera(yard, 'owner'));
  const checked = checkChain(toPiece(chain), bundle);
  assert.deepEqual([...checked.buried.values()], ['owner', 'owner', 'owner']);
  assert.equal(checked.facts.get(4)!.what.kind, 'cleared');
});

test('a changed name, a dropped, doubled, swapped or foreign fact breaks the chain, wherever it is', () => {
  const { piece } = openSealed();
  const count = piece.entries.length;
  fc.assert(
    fc.property(
      fc.nat(count - 1),
      fc.nat(count - 1),
      fc.constantFrom('drop', 'double', 'swap', 'edit', 'foreign'),
      (a, b, how) => {
        const entries = structuredClone(piece.entries) as unknown as { fact: { atMs: number; camera: string } }[];
        if (how === 'drop') entries.splice(a, 1);
        if (how === 'double') entries.splice(a, 0, entries[b]!);
        if (how === 'swap' && a !== b) [entries[a], entries[b]] = [entries[b]!, entries[a]!];
        if (how === 'swap' && a === b) return;
        if (how === 'edit') entries[a]!.fact.atMs++;
        if (how === 'foreign') entries[a]!.fact.camera = porch;
        assert.notDeepEqual(broken({ ...piece, entries: entries as never }), []);
      },
    ),
  );
});

test('facts that are not shown can be stood for by their digests, and nothing else can', () => {
  const { piece } = openSealed();
  const digests = checkDigests(piece);
  const hidden = piece.entries.map((entry, index) => (index % 2 === 0 ? { digest: digests[index]! } : entry));
  const checked = checkChain({ ...piece, entries: hidden }, bundle);
  assert.deepEqual(checked.findings, []);
  assert.equal(checked.facts.size, 4);
  hidden[2] = { digest: sha('another') };
  assert.match(broken({ ...piece, entries: hidden })[0]!, /made of another record/);
});

function checkDigests(piece: ChainPiece): string[] {
  return piece.entries.map((entry) => ('fact' in entry ? digestOf(entry.fact) : entry.digest));
}

function digestOf(fact: object): string {
  const sorted = (value: unknown): unknown =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([k, v]) => [k, sorted(v)]),
        )
      : Array.isArray(value)
        ? value.map(sorted)
        : value;
  return sha(JSON.stringify(sorted(fact)));
}

test('a forged tombstone, a forged head and a forged receipt are found', () => {
  const { piece } = openSealed();
  const stranger = makeHouseKeys();
  const forgedTombstone = piece.entries.map((entry) =>
    'fact' in entry && entry.fact.what.kind === 'tombstone'
      ? { ...entry, signature: stranger.agent.signer.sign('x') }
      : entry,
  );
  assert.match(broken({ ...piece, entries: forgedTombstone })[0]!, /tombstone 8 has a false signature/);
  const [head] = piece.heads;
  const forgedHead = { head: head!.head, signature: stranger.agent.signer.sign(toStatementText(head!.head)) };
  assert.match(broken({ ...piece, heads: [forgedHead] })[0]!, /head 8 has a false signature/);
  const { receipt } = makeReceipt(piece);
  const byAgent = { ...receipt, key: keys.agent.signer.key };
  const asWitness = { receipt: byAgent, signature: keys.agent.signer.sign(toStatementText(byAgent)) };
  const checked = checkChain({ ...piece, receipts: [asWitness] }, bundle);
  assert.equal(checked.vouch(3).receipt, undefined, 'an agent is no witness of itself');
  assert.ok(checked.findings.some(({ level }) => level === 'unproved'));
  const backdated = { receipt: { ...receipt, atMs: 1 }, signature: makeReceipt(piece).signature };
  assert.match(broken({ ...piece, receipts: [backdated] })[0]!, /receipt for fact 9 has a false signature/);
});

test('a record cut back is found by what a witness was shown, and one written anew by any head', () => {
  const { piece } = openSealed();
  const cut = { ...piece, entries: piece.entries.slice(0, 5), heads: [] };
  assert.match(broken(cut)[0]!, /a witness was shown 9 facts, but here are only 5/);
  const anew = openChain();
  for (let count = 0; count < 9; count++) anew.record(yard, { gapMs: 7 });
  const other = toPiece(anew.chain);
  assert.match(broken({ ...other, receipts: piece.receipts })[0]!, /made of another record/);
});

test('certificates of another house vouch for nothing', () => {
  const { piece } = openSealed();
  const other = makeHouseKeys();
  const checked = checkChain(
    piece,
    openBundle([other.housePem, keys.agent.certificatePem, keys.witness.certificatePem]),
  );
  assert.deepEqual(checked.houses, []);
  assert.equal(checked.vouch(3).head, undefined);
  assert.ok(checked.findings.length > 0 && checked.findings.every(({ level }) => level === 'unproved'));
});

test('what no footage needs and the chain file has is forgotten; what is left still checks', () => {
  const { chain, store, ids, piece } = openSealed();
  chain.noteSaved(yard, 8, 1);
  assert.equal(chain.prune(yard), 0, 'fact 3 is still needed');
  for (const id of ids.slice(1)) store.deleteSegment(store.findSegment(id)!, 'age');
  assert.equal(chain.prune(yard), 7);
  const after = chain.findPlaceBefore(yard, 9);
  assert.equal(after.seq, 8);
  const entries = chain
    .list(yard, 8, 100)
    .map(({ fact, signature, key }) => ({ fact, signature, key })) as ChainEntry[];
  assert.deepEqual(broken({ ...piece, after, entries, heads: piece.heads.slice(1) }), []);
});

test('a thousand facts cost less than a second, so a minute of a camera costs next to nothing', () => {
  const { record, chain } = openChain();
  const start = process.threadCpuUsage();
  for (let count = 0; count < 1000; count++) record();
  const { user, system } = process.threadCpuUsage(start);
  assert.equal(chain.findEnd(yard)!.seq, 1001);
  assert.ok((user + system) / 1000 < 1000, `${(user + system) / 1000} ms`);
});

test('opening the chains of a big index reads next to nothing of them', () => {
  const { store, chain } = openChain();
  store.db.exec(`with recursive n (i) as (select 1 union all select i + 1 from n where i < 200000)
    insert into chain (camera, seq, body, link) select 'cam-' || (i % 100), 1 + i / 100, '{}', printf('%064d', i) from n`);
  const start = process.threadCpuUsage();
  const again = new ChainStore(store.db, () => 0);
  const cameras = again.listCameras();
  for (const camera of cameras) again.findEnd(camera);
  const { user, system } = process.threadCpuUsage(start);
  assert.equal(cameras.length, 100);
  assert.ok((user + system) / 1000 < 100, `${(user + system) / 1000} ms`);
  assert.equal(chain.findFirstSeq(cameras[1]!), 1);
});
