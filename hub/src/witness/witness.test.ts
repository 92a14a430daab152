import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { openFakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { isSignedBy, openSigner, toCertificateDigest, type Signer } from '@porchlight/base/signing';
import { openTempFolder } from '@porchlight/base/testing';
import { agentIdSchema, cameraIdSchema, type CameraId } from '@porchlight/contract/ids';
import { toAuditText, toStatementText, type Head, type SignedHead } from '@porchlight/contract/proof';
import { openAlarms } from '#alarms';
import { openSqliteStore } from '#local';
import { makeAuthority, openAuthority } from '#provisioning';
import { openMemoryStore, type CameraRow, type Store } from '#store';
import { openWitness } from './index.ts';

const agent = agentIdSchema.parse('local');
const yard = cameraIdSchema.parse('yard');
const clock = openFakeClock();
const link = (seed: number | string): string => createHash('sha256').update(String(seed)).digest('hex');

function signedHead(signer: Signer, head: { seq: number; link?: string; since?: Head['since'] }): SignedHead {
  const full: Head = {
    ...{ v: 1, kind: 'head', agent, camera: yard, atMs: clock.nowMs(), key: signer.key },
    link: link(head.seq),
    ...head,
  };
  return { head: full, signature: signer.sign(toStatementText(full)) };
}

async function openWorld(store: Store) {
  const kept = await makeAuthority(clock);
  const authority = await openAuthority(kept, clock);
  const device = openSigner(await authority.issueWitness()); // any key of the house will do for an agent here
  const signer = openSigner(await authority.issueWitness());
  const log = openFakeLog();
  const changes: string[] = [];
  const alarms = openAlarms({ store, clock, onChange: ({ topic }) => void changes.push(topic) });
  await addCertificate(store, device.key);
  await store.addCamera(toCamera(yard));
  const witness = openWitness({ store, alarms, clock, log, signer, authorityPem: kept.certificatePem });
  const take = (heads: SignedHead[], certificatePem = device.certificatePem) =>
    witness.take(agent, { certificatePem, heads });
  const standing = async () => (await alarms.list({ open: true })).alarms;
  return {
    witness,
    alarms,
    standing,
    changes,
    device,
    signer,
    authority,
    take,
    house: toCertificateDigest(kept.certificatePem),
  };
}

const addCertificate = (store: Store, fingerprint: string): Promise<void> =>
  store.addCertificate({
    ...{ fingerprint, state: 'active', claim: 'c', tokenHash: 't', tokenExpiresMs: 0, createdMs: 0, agentId: agent },
  });
const toCamera = (id: CameraId): CameraRow => ({
  ...{ id, agentId: agent, name: id, sourceKind: 'rtsp', url: 'rtsp://h/', transport: 'auto', paused: false },
  ...{ createdMs: 1, createdBy: 'u', version: 1 },
});

function describeWitness(name: string, openStore: () => Store): void {
  void describe(`witness over a store ${name}`, () => {
    void test('a head is written down once and its receipt is signed, numbered and dated by the hub', async () => {
      const world = await openWorld(openStore());
      const one = signedHead(world.device, { seq: 5 });
      const two = signedHead(world.device, { seq: 9, since: { seq: 5, link: link(5) } });
      const first = await world.take([one]);
      assert.ok('receipts' in first);
      const [signed] = first.receipts;
      const { receipt, signature } = signed!;
      assert.deepEqual([receipt.seq, receipt.link, receipt.entry, receipt.house], [5, link(5), 1, world.house]);
      const certificate = new X509Certificate(first.certificates[0]!);
      assert.ok(isSignedBy(certificate, toStatementText(receipt), signature));
      assert.ok(certificate.verify(new X509Certificate(first.certificates[1]!).publicKey));
      const again = await world.take([one, two]);
      assert.ok('receipts' in again && again.conflicts.length === 0);
      assert.deepEqual(again.receipts[0], signed, 'the same receipt again');
      assert.equal(again.receipts[1]!.receipt.entry, 2);
      const { entries } = await world.witness.state(yard, { fromMs: 0, toMs: 1e15 });
      assert.deepEqual(
        entries.map(({ number, kind, head }) => [number, kind, head.head.seq]),
        [
          [1, 'head', 5],
          [2, 'head', 9],
        ],
      );
      let before = '';
      for (const entry of entries) {
        const text = toAuditText(before, { ...entry, camera: yard });
        assert.equal(
          entry.link,
          createHash('sha256').update(text).digest('hex'),
          'anyone can check the log’s own links',
        );
        before = entry.link;
      }
    });

    void test('a record cut back or written anew is kept as a conflict, told, and goes on from there', async () => {
      const world = await openWorld(openStore());
      await world.take([signedHead(world.device, { seq: 9 })]);
      const anew = signedHead(world.device, { seq: 7, link: link('other'), since: { seq: 3, link: link(3) } });
      const told = await world.take([anew]);
      assert.ok('conflicts' in told);
      assert.deepEqual(told.conflicts, [
        { camera: yard, known: { seq: 9, link: link(9) }, claimed: { seq: 7, link: link('other') } },
      ]);
      const [alarm] = await world.standing();
      assert.deepEqual([alarm!.kind, alarm!.severity, alarm!.cameraId], ['record-changed', 'critical', yard]);
      assert.match(alarm!.message, /does not go on from fact 9/);
      assert.deepEqual(world.changes, ['alarms']);
      const next = await world.take([signedHead(world.device, { seq: 11, since: { seq: 7, link: link('other') } })]);
      assert.ok('conflicts' in next && next.conflicts.length === 0);
      const { entries } = await world.witness.state(yard, { fromMs: 0, toMs: 1e15 });
      assert.deepEqual(
        entries.map(({ kind }) => kind),
        ['head', 'conflict', 'head'],
      );
    });

    void test('a changed record is one alarm for its camera until somebody has seen it, and the next change another', async () => {
      const world = await openWorld(openStore());
      const claim = (seq: number): SignedHead => signedHead(world.device, { seq, link: link(`other ${seq}`) });
      await world.take([signedHead(world.device, { seq: 9 })]);
      await world.take([claim(7), claim(6)]);
      await world.take([claim(7)]);
      const [alarm, ...others] = await world.standing();
      assert.equal(others.length, 0);
      const seen = await world.alarms.acknowledge(alarm!.id, 'Ada');
      assert.ok(seen.endMs !== undefined && seen.acknowledgedBy === 'Ada');
      await world.take([claim(7)]);
      assert.deepEqual(await world.standing(), [], 'shown again is no news');
      await world.take([claim(5)]);
      assert.equal((await world.standing()).length, 1);
    });

    void test('what is not signed by this agent’s key, or not about its cameras, is not written down', async () => {
      const world = await openWorld(openStore());
      const right = signedHead(world.device, { seq: 5 });
      const stranger = openSigner(await world.authority.issueWitness());
      assert.ok('trouble' in (await world.take([signedHead(stranger, { seq: 5 })], stranger.certificatePem)));
      assert.ok('trouble' in (await world.take([right], 'rubbish')));
      const other: Head = { ...right.head, camera: cameraIdSchema.parse('not-mine') };
      const heads = [
        { ...right, head: { ...right.head, seq: 6 } },
        { head: other, signature: world.device.sign(toStatementText(other)) },
        signedHead(stranger, { seq: 5 }),
      ];
      const told = await world.take(heads);
      assert.ok('receipts' in told);
      assert.deepEqual([told.receipts.length, told.conflicts.length], [0, 0]);
    });
  });
}

describeWitness('in memory', openMemoryStore);
describeWitness('in SQLite', () => openSqliteStore({ path: ':memory:', auditPath: ':memory:' }));

test('the table of the log refuses to change or forget a row, whoever asks', async () => {
  using folder = openTempFolder();
  const path = join(folder.path, 'audit.sqlite');
  const store = openSqliteStore({ path: ':memory:', auditPath: path });
  const { audit } = store;
  const world = await openWorld(store);
  await world.take([signedHead(world.device, { seq: 5 })]);
  const row = (await audit.findLast({ agent, camera: yard }))!;
  assert.ok(!(await audit.append(row)), 'a number is written once');
  assert.ok(!(await audit.append({ ...row, number: 3 })), 'no number is left out');
  await store.close();
  const database = new DatabaseSync(path);
  assert.throws(() => database.exec('delete from audit'), /only written on/);
  assert.throws(() => database.exec("update audit set row = ''"), /only written on/);
  database.close();
});
