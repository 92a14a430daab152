import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { toCertificateDigest } from '@porchlight/base/signing';
import { alarmListSchema, alarmSchema, type Alarm } from '@porchlight/contract/alarms';
import { agentIdSchema, cameraIdSchema } from '@porchlight/contract/ids';
import { toStatementText, witnessedSchema, witnessStatementSchema, type Head } from '@porchlight/contract/proof';
import type { ApiWorld, Visitor } from './api-suite.ts';

type ProofSuite = { open: () => Promise<ApiWorld>; openOwner: (world: ApiWorld) => Promise<Visitor> };

const local = agentIdSchema.parse('local');
const camera = cameraIdSchema.parse('a');
const linkOf = (name: string): string => createHash('sha256').update(name).digest('hex');

/** The hub as a witness, on every platform. */
export function describeProof({ open, openOwner }: ProofSuite): void {
  void describe('the witness', () => {
    let world: ApiWorld;
    let owner: Visitor;
    before(async () => {
      world = await open();
      owner = await openOwner(world);
      assert.equal((await owner.send('POST', '/api/cameras', { name: 'A', url: 'rtsp://h/' })).status, 201);
      const made = { claim: 'c', tokenHash: 't', tokenExpiresMs: 0, createdMs: 0, agentId: local };
      await world.store.addCertificate({ fingerprint: world.keys.device.key, state: 'active', ...made });
    });
    after(() => world.close());

    const show = async (seq: number, name: string): Promise<void> => {
      const { device } = world.keys;
      const head: Head = {
        ...{ v: 1, kind: 'head', agent: local, camera, seq, link: linkOf(name), atMs: seq, key: device.key },
      };
      const heads = [{ head, signature: device.sign(toStatementText(head)) }];
      const message = { v: 1, id: '9f1c7c1e-4f47-4d52-8f52-0d6a3a3a2b11', atMs: 1 };
      const body = { certificatePem: device.certificatePem, heads };
      await world.receive(local, 'proof', Buffer.from(JSON.stringify({ ...message, body })));
    };
    const standing = async (): Promise<Alarm[]> =>
      alarmListSchema.parse(await (await owner.send('GET', '/api/alarms?open=true')).json()).alarms;

    void test('what an agent shows is written down, answered with a receipt, and read by members', async () => {
      await show(5, 'first');
      const sent = world.link.sent.findLast(({ topic }) => topic === 'witness');
      const { receipts, conflicts } = witnessedSchema.parse(JSON.parse(sent!.payload)).body;
      assert.deepEqual([receipts.length, conflicts.length, receipts[0]!.receipt.seq], [1, 0, 5]);
      const answer = await owner.send('GET', '/api/cameras/a/proof?from=0&to=99999999999999');
      const { house, entries } = witnessStatementSchema.parse(await answer.json());
      assert.equal(house, toCertificateDigest(world.keys.witness.authorityPem));
      assert.deepEqual(
        entries.map(({ number, kind, head }) => [number, kind, head.head.link]),
        [[1, 'head', linkOf('first')]],
      );
      assert.deepEqual(await standing(), []);
    });

    void test('a record that was changed is a critical alarm with advice, until somebody has seen it', async () => {
      await show(3, 'written anew');
      const [alarm, ...others] = await standing();
      assert.equal(others.length, 0);
      assert.deepEqual(
        [alarm!.kind, alarm!.severity, alarm!.cameraId, alarm!.agentId],
        ['record-changed', 'critical', camera, local],
      );
      assert.match(alarm!.fix, /porchlight verify/);
      const seen = await owner.send('POST', `/api/alarms/${alarm!.id}/acknowledge`, undefined, {
        origin: world.origin,
      });
      const { endMs, acknowledgedBy } = alarmSchema.parse(await seen.json());
      assert.ok(endMs !== undefined && acknowledgedBy !== undefined);
      assert.deepEqual(await standing(), []);
    });
  });
}
