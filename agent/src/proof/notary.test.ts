import assert from 'node:assert/strict';
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ChainStore, toChainHooks } from '#chain';
import { House, makeHouseKeys, midnight, yard } from '#testing';
import { agentIdSchema } from '@porchlight/contract/ids';
import type { Heads, ProofConflict } from '@porchlight/contract/proof';
import { maxPayloadBytes } from '@porchlight/contract/topics';

import { openNotary, readChainFile, parseChainLines, type Notary } from './index.ts';

const keys = makeHouseKeys();
const identity = {
  agentId: agentIdSchema.parse('local'),
  privateKeyPem: keys.agent.privateKeyPem,
  certificatePem: keys.agent.certificatePem,
  caPem: keys.housePem,
};
const hourMs = 3_600_000;
const chainPath = '.proof/yard/2026-01-01.jsonl';

type World = { readonly chain: ChainStore; readonly notary: Notary; readonly sent: Heads['body'][] };

/** An agent's start: index, chain, notary. */
async function start(house: House): Promise<World> {
  let chain: ChainStore | undefined;
  house.attach = (store) => {
    chain = new ChainStore(store.db, () => house.clock.nowMs());
    store.listen(toChainHooks(chain));
  };
  await house.start();
  const { volume, clock, log } = house;
  const sent: Heads['body'][] = [];
  const notary = await openNotary({ chain: chain!, volume, clock, log, send: (body) => void sent.push(body) });
  notary.setIdentity(identity);
  return { chain: chain!, notary, sent };
}

async function record(house: House, minutes: number): Promise<void> {
  await house.record(yard, { pictureBytes: 60 }).play(minutes * 60_000);
  await house.recorder.close();
  await house.clock.advance(1000);
}

async function stop(house: House, { notary }: World): Promise<void> {
  await notary.close();
  await house.archive.close();
}

const settled = (notary: Notary): Promise<void> => notary.seal([]);

test('each hour what is new is signed, written beside the footage and shown; an hour without news is silent', async () => {
  using house = new House({ atMs: midnight });
  const world = await start(house);
  await record(house, 3);
  await world.notary.seal();
  const early = world.chain.findLastHead(yard)!.seq;
  await record(house, 2);
  await house.clock.advance(hourMs - (house.clock.nowMs() % hourMs));
  await settled(world.notary);
  const head = world.chain.findLastHead(yard)!.signed.head;
  assert.ok(early < head.seq);
  assert.equal(head.since?.seq, early);
  assert.deepEqual({ seq: head.seq, link: head.link }, { ...world.chain.findEnd(yard) });
  const lines = await readChainFile(house.volume, chainPath);
  assert.deepEqual(
    lines.entries.map(({ fact }) => fact.seq),
    Array.from({ length: head.seq }, (_, index) => index + 1),
  );
  assert.equal(lines.heads.at(-1)!.head.seq, head.seq);
  assert.equal(lines.badLines, 0);
  const sizeBytes = house.volume.files.get(chainPath)!.length;
  world.sent.length = 0;
  await house.clock.advance(2 * hourMs);
  await settled(world.notary);
  assert.equal(house.volume.files.get(chainPath)!.length, sizeBytes, 'nothing is written twice');
  assert.ok(world.sent.length > 0, 'but what nobody has confirmed is shown again');
  await stop(house, world);
});

test('what is shown fits a message, however many heads wait', async () => {
  using house = new House({ atMs: midnight });
  const world = await start(house);
  for (let minute = 0; minute < 4; minute++) {
    await record(house, 1);
    await world.notary.seal();
  }
  const one = world.chain.findLastHead(yard)!.signed;
  for (let seq = 100; seq < 700; seq++) world.chain.putHead({ ...one, head: { ...one.head, seq } });
  world.sent.length = 0;
  world.notary.sayWaiting();
  assert.ok(world.sent.reduce((sum, { heads }) => sum + heads.length, 0) >= 604);
  for (const body of world.sent) assert.ok(JSON.stringify(body).length < maxPayloadBytes - 1000);
  await stop(house, world);
});

test('an index from a backup is noticed at the next start, and the record goes on above what the file says', async () => {
  using house = new House({ atMs: midnight });
  const first = await start(house);
  await record(house, 2);
  await stop(house, first);
  const index = join(house.folder.path, 'index.sqlite');
  copyFileSync(index, `${index}.backup`);
  const second = await start(house);
  await record(house, 2);
  const end = { ...second.chain.findEnd(yard)! };
  await stop(house, second);
  copyFileSync(`${index}.backup`, index);
  for (const rest of ['-wal', '-shm']) rmSync(`${index}${rest}`, { force: true });
  const third = await start(house);
  const begun = third.chain.find(yard, end.seq + 1)?.fact.what;
  assert.ok(begun?.kind === 'begun' && begun.reason === 'index-older');
  assert.deepEqual(begun.before, end);
  await record(house, 1);
  await stop(house, third);
  const { entries, heads } = await readChainFile(house.volume, chainPath);
  const seqs = entries.map(({ fact }) => fact.seq);
  assert.deepEqual(
    seqs,
    [...seqs].sort((a, b) => a - b),
  );
  assert.equal(new Set(seqs).size, seqs.length, 'no number stands for two facts in the file');
  assert.equal(heads.at(-1)!.head.seq, seqs.at(-1));
});

test('a conflict that the hub tells is written into the chain, above what the hub has, and only once', async () => {
  using house = new House({ atMs: midnight });
  const world = await start(house);
  await record(house, 2);
  await world.notary.seal();
  const claimed = world.chain.findEnd(yard)!;
  const known = { seq: claimed.seq + 40, link: 'ab'.repeat(32) };
  const tell = (conflicts: ProofConflict[]): void => {
    const body = { receipts: [], conflicts, certificates: [] };
    world.notary.take(Buffer.from(JSON.stringify({ v: 1, id: 'm', atMs: 1, body })));
  };
  tell([{ camera: yard, known, claimed }]);
  await settled(world.notary);
  const { what } = world.chain.find(yard, known.seq + 1)!.fact;
  assert.ok(what.kind === 'begun' && what.reason === 'rolled-back');
  assert.equal(world.chain.findLastHead(yard)!.seq, known.seq + 1);
  // A place that stands in the chain is no conflict: messages may overtake each other.
  tell([{ camera: yard, known: claimed, claimed: known }]);
  await settled(world.notary);
  assert.equal(world.chain.findEnd(yard)!.seq, known.seq + 1);
  world.notary.take(Buffer.from('rubbish'));
  await stop(house, world);
});

test('receipts that no witness of the house has signed are not kept', async () => {
  using house = new House({ atMs: midnight });
  const world = await start(house);
  await record(house, 1);
  await world.notary.seal();
  const { head } = world.chain.findLastHead(yard)!.signed;
  const stranger = makeHouseKeys();
  const receipt = {
    ...{
      v: 1,
      kind: 'receipt',
      house: 'a'.repeat(64),
      agent: head.agent,
      camera: yard,
      seq: head.seq,
      link: head.link,
    },
    ...{ atMs: 1, entry: 1, key: stranger.witness.signer.key },
  };
  for (const certificates of [[stranger.witness.certificatePem], [keys.agent.certificatePem], ['rubbish'], []]) {
    const signed = { receipt, signature: stranger.witness.signer.sign('x') };
    const body = { receipts: [signed], conflicts: [], certificates };
    world.notary.take(Buffer.from(JSON.stringify({ v: 1, id: 'm', atMs: 1, body })));
  }
  assert.equal(world.chain.findLastHead(yard)!.receipt, undefined);
  await stop(house, world);
});

test('a file whose recorder died has its fact as soon as it has been read back', async () => {
  using house = new House({ atMs: midnight });
  await start(house);
  await house.record().play(20_000);
  house.recorder.onFrame = () => undefined;
  const path = [...house.volume.files.keys()].find((name) => name.endsWith('.mp4'))!;
  await house.archive.closeAbandoned([path.replace('.mp4', '')]);
  await house.archive.close();
  const again = await start(house);
  const facts = again.chain.list(yard, 0, 100).map(({ fact }) => fact.what);
  assert.ok(facts.some((what) => what.kind === 'segment' && what.path === path && what.hashed === 'read-back'));
  await stop(house, again);
});

test('a chain file cut off at any byte gives its whole lines, and any text gives no error', () => {
  const line = JSON.stringify({
    fact: { v: 1, camera: 'yard', seq: 1, atMs: 5, what: { kind: 'begun', reason: 'new' } },
  });
  const text = `\n${line}\n${line.replace('"seq":1', '"seq":2')}\n`;
  for (let cut = 0; cut <= text.length; cut++) {
    const { entries, badLines } = parseChainLines(text.slice(0, cut));
    assert.ok(entries.length <= 2 && badLines <= 1);
  }
  assert.equal(
    parseChainLines(`${text}${text}`).entries.length,
    2,
    'what was written twice around a crash counts once',
  );
  for (const rubbish of ['null', '[]', '{"fact":1}', '\u0000', '{'.repeat(10_000)]) {
    assert.equal(parseChainLines(rubbish).badLines, 1);
  }
});

test('an agent that ends does not wait for a slow disk: the rest is sealed after its next start', async () => {
  using house = new House({ atMs: midnight });
  const world = await start(house);
  await record(house, 1);
  const { clock } = house;
  let looks = 0;
  const monotonicMs = clock.monotonicMs.bind(clock);
  clock.monotonicMs = () => monotonicMs() + (looks++ > 0 ? 2_000 : 0);
  await world.notary.close();
  clock.monotonicMs = monotonicMs;
  assert.equal(world.chain.findLastHead(yard), undefined);
  await house.archive.close();
  const again = await start(house);
  await clock.advance(61_000);
  await settled(again.notary);
  assert.equal(again.chain.findLastHead(yard)?.seq, again.chain.findEnd(yard)?.seq);
  await stop(house, again);
});
