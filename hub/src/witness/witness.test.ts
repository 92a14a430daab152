import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { openFakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { isSignedBy, openSigner, toCertificateDigest, type Signer } from '@porchlight/base/signing';
import { openTempFolder } from '@porchlight/base/testing';
import { agentIdSchema, cameraIdSchema } from '@porchlight/contract/ids';
import { toAuditText, toStatementText, type Head, type SignedHead } from '@porchlight/contract/proof';
import { openSqliteAuditLog } from '#local';
import { makeAuthority, openAuthority } from '#provisioning';
import { openMemoryAuditLog, openWitness, type AuditLog } from './index.ts';

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

async function openWorld(audit: AuditLog) {
  const kept = await makeAuthority(clock);
  const authority = await openAuthority(kept, clock);
  const device = openSigner(await authority.issueWitness()); // any key of the house will do for an agent here
  const signer = openSigner(await authority.issueWitness());
  const log = openFakeLog();
  const conflicts: number[] = [];
  const witness = openWitness({
    ...{ audit, clock, log, signer, authorityPem: kept.certificatePem },
    isOf: async (_agent, fingerprint) => fingerprint === device.key,
    hasCamera: async (_agent, camera) => camera === yard,
    onConflict: (_agent, { claimed }) => void conflicts.push(claimed.seq),
  });
  const take = (heads: SignedHead[], certificatePem = device.certificatePem) =>
    witness.take(agent, { certificatePem, heads });
  return { witness, device, signer, authority, take, conflicts, house: toCertificateDigest(kept.certificatePem) };
}

function describeWitness(name: string, openLog: () => AuditLog): void {
  void describe(`witness over a log ${name}`, () => {
    void test('a head is written down once and its receipt is signed, numbered and dated by the hub', async () => {
      const world = await openWorld(openLog());
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
      const world = await openWorld(openLog());
      await world.take([signedHead(world.device, { seq: 9 })]);
      const anew = signedHead(world.device, { seq: 7, link: link('other'), since: { seq: 3, link: link(3) } });
      const told = await world.take([anew]);
      assert.ok('conflicts' in told);
      assert.deepEqual(told.conflicts, [
        { camera: yard, known: { seq: 9, link: link(9) }, claimed: { seq: 7, link: link('other') } },
      ]);
      assert.deepEqual(world.conflicts, [7]);
      const next = await world.take([signedHead(world.device, { seq: 11, since: { seq: 7, link: link('other') } })]);
      assert.ok('conflicts' in next && next.conflicts.length === 0);
      const { entries } = await world.witness.state(yard, { fromMs: 0, toMs: 1e15 });
      assert.deepEqual(
        entries.map(({ kind }) => kind),
        ['head', 'conflict', 'head'],
      );
    });

    void test('what is not signed by this agent’s key, or not about its cameras, is not written down', async () => {
      const world = await openWorld(openLog());
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

describeWitness('in memory', openMemoryAuditLog);
describeWitness('in SQLite', () => openSqliteAuditLog(':memory:'));

test('the table of the log refuses to change or forget a row, whoever asks', async () => {
  using folder = openTempFolder();
  const path = join(folder.path, 'audit.sqlite');
  const audit = openSqliteAuditLog(path);
  const world = await openWorld(audit);
  await world.take([signedHead(world.device, { seq: 5 })]);
  const row = (await audit.findLast({ agent, camera: yard }))!;
  assert.ok(!(await audit.append(row)), 'a number is written once');
  assert.ok(!(await audit.append({ ...row, number: 3 })), 'no number is left out');
  await audit.close();
  const database = new DatabaseSync(path);
  assert.throws(() => database.exec('delete from audit'), /only written on/);
  assert.throws(() => database.exec("update audit set row = ''"), /only written on/);
  database.close();
});
