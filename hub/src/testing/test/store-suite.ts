import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { alarmIdSchema, type Alarm } from '@porchlight/contract/alarms';
import type { CameraReport } from '@porchlight/contract/agent';
import { agentIdSchema, cameraIdSchema, commandIdSchema } from '@porchlight/contract/ids';
import type { Head } from '@porchlight/contract/proof';
import type { AuditRow, CameraRow, CertificateRow, CommandRow, Store } from '#store';

const agentId = agentIdSchema.parse('local');
const other = agentIdSchema.parse('barn');
const yard = cameraIdSchema.parse('yard');
const camera = (id: string, createdMs = 1): CameraRow => ({
  id: cameraIdSchema.parse(id),
  agentId,
  name: id,
  sourceKind: 'rtsp',
  url: `rtsp://${id}/`,
  transport: 'auto',
  paused: false,
  createdMs,
  createdBy: 'u',
  version: 1,
});
const report = (id: string, status: 'online' | 'offline'): CameraReport => ({
  id: cameraIdSchema.parse(id),
  state: { status, sinceMs: 1 },
  streams: [],
  usedBytes: 0,
});
const certificate = (fingerprint: string): CertificateRow => ({
  fingerprint,
  state: 'pending',
  claim: 'c1',
  tokenHash: `t-${fingerprint}`,
  tokenExpiresMs: 1000,
  createdMs: 1,
});
const command = (id: string): CommandRow => ({
  id: commandIdSchema.parse(id),
  agentId,
  verb: 'test-source',
  args: { url: 'rtsp://h/' },
  createdMs: 1,
  createdBy: 'u',
  expiresMs: 100,
  state: 'waiting',
});

const alarm = (id: string, startMs: number, more: Partial<Alarm> = {}): Alarm => ({
  id: alarmIdSchema.parse(id),
  agentId,
  kind: 'camera-down',
  severity: 'critical',
  cameraId: cameraIdSchema.parse('front'),
  startMs,
  message: 'It sends nothing.',
  fix: 'Switch it on.',
  ...more,
});

/** What every `Store` promises. Give a function that opens an empty one. */
export function describeStore(name: string, open: () => Store): void {
  const withStore = (title: string, run: (store: Store) => Promise<void>): void => {
    void test(title, async () => {
      const store = open();
      try {
        await run(store);
      } finally {
        await store.close();
      }
    });
  };
  void describe(`Store: ${name}`, () => {
    describeCameras(withStore);
    describeAgents(withStore);
    describeCertificates(withStore);
    describeCommands(withStore);
    describeSettings(withStore);
    describeAlarms(withStore);
    describeAudit(withStore);
  });
}

type WithStore = (title: string, run: (store: Store) => Promise<void>) => void;

function describeCameras(withStore: WithStore): void {
  withStore('cameras come out oldest first, as they went in, and as copies', async (store) => {
    assert.deepEqual(await store.listCameras(), []);
    const full: CameraRow = { ...camera('b', 2), subUrl: 'rtsp://b/sub', capBytes: 5e9 };
    assert.ok(await store.addCamera(full));
    assert.ok(await store.addCamera(camera('z', 1)));
    const listed = await store.listCameras();
    assert.deepEqual(
      listed.map((row) => row.id),
      ['z', 'b'],
    );
    assert.deepEqual(await store.findCamera(full.id), full);
    Object.assign(listed[0]!, { name: 'changed by the caller' });
    assert.equal((await store.findCamera(listed[0]!.id))?.name, 'z');
    assert.equal(await store.findCamera(cameraIdSchema.parse('nobody')), undefined);
  });
  withStore('an id is given once, also to those who ask at the same time', async (store) => {
    const results = await Promise.all([1, 2, 3].map((time) => store.addCamera(camera('a', time))));
    assert.equal(results.filter(Boolean).length, 1);
  });
  withStore('a change is made only on the version it was read at', async (store) => {
    await store.addCamera(camera('a'));
    assert.ok(await store.changeCamera({ ...camera('a'), name: 'one', version: 2 }));
    assert.ok(!(await store.changeCamera({ ...camera('a'), name: 'two', version: 2 })));
    assert.ok(!(await store.changeCamera({ ...camera('b'), version: 2 })));
    assert.equal((await store.findCamera(camera('a').id))?.name, 'one');
  });
  withStore('a removed camera is gone with its report, once', async (store) => {
    await store.addCamera(camera('a'));
    await store.putReport({ agentId, atMs: 5, report: report('a', 'online') });
    assert.ok(await store.removeCamera(camera('a').id));
    assert.ok(!(await store.removeCamera(camera('a').id)));
    assert.equal(await store.findReport(camera('a').id), undefined);
    assert.deepEqual(await store.listCameras(), []);
  });
  withStore('the newest report wins, whatever the order of arrival', async (store) => {
    await store.putReport({ agentId, atMs: 5, report: report('a', 'online') });
    await store.putReport({ agentId, atMs: 4, report: report('a', 'offline') });
    assert.equal((await store.findReport(camera('a').id))?.report.state.status, 'online');
    await store.putReport({ agentId, atMs: 6, report: report('a', 'offline') });
    assert.deepEqual(await store.listReports(), [{ agentId, atMs: 6, report: report('a', 'offline') }]);
  });
}

const auditRow = (number: number, atMs: number, of: Partial<AuditRow> = {}): AuditRow => {
  const place = { agent: agentId, camera: yard, ...of };
  const link = String(number).repeat(64).slice(0, 64);
  const head: Head = { v: 1, kind: 'head', agent: agentId, camera: yard, seq: number * 10, link, atMs, key: link };
  const receipt = { ...head, kind: 'receipt', house: link, entry: number } as AuditRow['receipt']['receipt'];
  return {
    ...place,
    ...{ number, atMs, kind: 'head', link, head: { head, signature: 's' }, receipt: { receipt, signature: 's' } },
  };
};

function describeAudit(withStore: WithStore): void {
  withStore(
    'what agents have shown is written down in order, once, each camera of each agent by itself',
    async (store) => {
      const { audit } = store;
      assert.ok(!(await audit.append(auditRow(2, 100))), 'no number is left out');
      const [first, second] = [auditRow(1, 100), auditRow(2, 200)];
      assert.ok(await audit.append(first));
      assert.ok(!(await audit.append(first)), 'a number is written once');
      assert.ok(await audit.append(second));
      assert.ok(await audit.append(auditRow(1, 150, { agent: other })));
      assert.deepEqual(await audit.findLast({ agent: agentId, camera: yard }), second);
      assert.equal(await audit.findLast({ agent: agentId, camera: cameraIdSchema.parse('front') }), undefined);
      const { seq, link } = first.head.head;
      assert.deepEqual(await audit.find({ agent: agentId, camera: yard }, seq, link), first);
      assert.equal(await audit.find({ agent: agentId, camera: yard }, seq, 'f'.repeat(64)), undefined);
    },
  );
  withStore(
    'a span of what was shown begins with the last row before it, whichever agent had the camera',
    async (store) => {
      const { audit } = store;
      for (const number of [1, 2, 3]) await audit.append(auditRow(number, number * 100));
      await audit.append(auditRow(1, 250, { agent: other }));
      const times = async (fromMs: number, toMs: number, limit = 10): Promise<number[]> =>
        (await audit.list(yard, { fromMs, toMs, limit })).map(({ atMs }) => atMs);
      assert.deepEqual(await times(0, 1000), [100, 200, 250, 300]);
      assert.deepEqual(await times(210, 1000), [200, 250, 300]);
      assert.deepEqual(await times(0, 300), [100, 200, 250]);
      assert.deepEqual(await times(0, 1000, 2), [100, 200]);
    },
  );
}

function describeAlarms(withStore: WithStore): void {
  const ids = (rows: readonly Alarm[]): string[] => rows.map(({ id }) => id);

  withStore('alarms come out newest first, open ones by themselves, of one camera, within a span', async (store) => {
    assert.ok(await store.putAlarm(alarm('a', 100)));
    assert.ok(await store.putAlarm(alarm('b', 200, { endMs: 300 })));
    assert.ok(await store.putAlarm(alarm('c', 400, { cameraId: yard })));
    assert.deepEqual(ids(await store.listOpenAlarms()), ['c', 'a']);
    const all = { fromMs: 0, toMs: 1000, limit: 10 };
    assert.deepEqual(ids(await store.listAlarms(all)), ['c', 'b', 'a']);
    assert.deepEqual(ids(await store.listAlarms({ ...all, limit: 2 })), ['c', 'b']);
    assert.deepEqual(ids(await store.listAlarms({ ...all, cameraId: yard })), ['c']);
    assert.deepEqual(ids(await store.listAlarms({ ...all, fromMs: 301, toMs: 400 })), ['a'], 'what stands overlaps');
    assert.deepEqual(await store.findAlarm(alarm('b', 0).id), alarm('b', 200, { endMs: 300 }));
  });
  withStore('new words and an end are news, the same again is not, and what has ended stays ended', async (store) => {
    const one = alarm('a', 100);
    assert.ok(await store.putAlarm(one));
    assert.ok(!(await store.putAlarm(one)));
    assert.ok(await store.putAlarm({ ...one, message: 'It refuses the password.' }));
    assert.ok(!(await store.putAlarm({ ...one, agentId: other, message: 'mine now' })));
    assert.ok(await store.endAlarm(one.id, 50));
    assert.equal((await store.findAlarm(one.id))?.endMs, 100, 'not before it began');
    assert.ok(!(await store.endAlarm(one.id, 500)));
    assert.ok(!(await store.putAlarm(one)));
    assert.deepEqual(await store.listOpenAlarms(), []);
  });
  withStore('the first acknowledgement counts and survives what is said later', async (store) => {
    const one = alarm('a', 100);
    await store.putAlarm(one);
    assert.equal((await store.acknowledgeAlarm(one.id, { atMs: 200, by: 'Ada' }))?.acknowledgedBy, 'Ada');
    assert.equal((await store.acknowledgeAlarm(one.id, { atMs: 300, by: 'Bob' }))?.acknowledgedMs, 200);
    assert.ok(await store.putAlarm({ ...one, endMs: 400 }));
    assert.deepEqual(await store.findAlarm(one.id), {
      ...one,
      ...{ endMs: 400, acknowledgedMs: 200, acknowledgedBy: 'Ada' },
    });
    assert.equal(await store.acknowledgeAlarm(alarm('none', 0).id, { atMs: 1, by: 'Ada' }), undefined);
  });
  withStore('old alarms are forgotten, and the oldest beyond so many, but none that stands', async (store) => {
    await store.putAlarm(alarm('stands', 1));
    for (let index = 0; index < 5; index++) await store.putAlarm(alarm(`e${index}`, 10 + index, { endMs: 20 + index }));
    await store.forgetAlarms(21, 100);
    assert.deepEqual(ids(await store.listAlarms({ fromMs: 0, toMs: 99, limit: 9 })), [
      'e4',
      'e3',
      'e2',
      'e1',
      'stands',
    ]);
    await store.forgetAlarms(0, 2);
    assert.deepEqual(ids(await store.listAlarms({ fromMs: 0, toMs: 99, limit: 9 })), ['e4', 'e3', 'stands']);
  });
}

function describeAgents(withStore: WithStore): void {
  withStore('presence makes an agent, keeps what it does not name, and dates the change', async (store) => {
    assert.ok(await store.setPresence(agentId, { online: true, atMs: 10, sealingKey: 'k', version: '1' }));
    assert.ok(await store.setPresence(agentId, { online: true, atMs: 20 }));
    assert.deepEqual(await store.findAgent(agentId), {
      id: agentId,
      online: true,
      sinceMs: 10,
      seenMs: 20,
      revision: 0,
      sealingKey: 'k',
      version: '1',
    });
    assert.ok(!(await store.setPresence(agentId, { online: false, atMs: 15 })), 'older than what is known');
    assert.ok(await store.setPresence(agentId, { online: false, atMs: 30 }));
    assert.equal((await store.findAgent(agentId))?.sinceMs, 30);
    await store.setPresence(other, { online: false, atMs: 1 });
    assert.deepEqual(
      (await store.listAgents()).map((row) => row.id),
      ['barn', 'local'],
    );
  });
  withStore('revisions only grow, are never given twice, and pass what the agent has', async (store) => {
    const given = await Promise.all([1, 2, 3, 4].map(() => store.nextRevision(agentId, 0)));
    assert.equal(new Set(given).size, 4);
    assert.equal(await store.nextRevision(agentId, 50), 51);
    assert.equal(await store.nextRevision(agentId, 0), 52);
  });
}

function describeCertificates(withStore: WithStore): void {
  const token = { tokenHash: 't-f1', claim: 'c1', nowMs: 500, agentId, serialNumber: 's' };
  withStore('a pending certificate becomes active once, with its token, from its claim, in time', async (store) => {
    await store.addCertificate(certificate('f1'));
    assert.equal(await store.activateCertificate({ ...token, tokenHash: 'no' }), undefined);
    assert.equal(await store.activateCertificate({ ...token, claim: 'c2' }), undefined);
    assert.equal(await store.activateCertificate({ ...token, nowMs: 1000 }), undefined);
    assert.equal((await store.findCertificate('f1'))?.state, 'pending');
    assert.equal((await store.activateCertificate(token))?.state, 'active');
    assert.equal((await store.findCertificate('f1'))?.agentId, agentId);
    assert.equal(await store.activateCertificate(token), undefined);
    assert.equal(await store.findCertificate('f2'), undefined);
  });
  withStore("an agent's older certificates are revoked, nobody else's", async (store) => {
    for (const [fingerprint, owner] of [
      ['f1', agentId],
      ['f2', agentId],
      ['f3', other],
    ] as const) {
      await store.addCertificate(certificate(fingerprint));
      await store.activateCertificate({ ...token, tokenHash: `t-${fingerprint}`, agentId: owner });
    }
    assert.deepEqual(await store.revokeCertificates(agentId, 'f2'), ['f1']);
    const states = await Promise.all(['f1', 'f2', 'f3'].map((one) => store.findCertificate(one)));
    assert.deepEqual(
      states.map((row) => row?.state),
      ['revoked', 'active', 'active'],
    );
  });
  withStore('a claim is used once and not after its time', async (store) => {
    await store.addClaim({ fingerprint: 'c1', agentId, expiresMs: 100, used: false });
    await store.addClaim({ fingerprint: 'c2', agentId, expiresMs: 100, used: false });
    assert.equal(await store.useClaim('c2', 100), undefined);
    const uses = await Promise.all([1, 2].map(() => store.useClaim('c1', 99)));
    assert.equal(uses.filter(Boolean).length, 1);
    assert.equal((await store.findClaim('c1'))?.used, true);
    assert.equal(await store.useClaim('none', 1), undefined);
  });
}

function describeCommands(withStore: WithStore): void {
  withStore('the first answer of the agent that was asked stands, if it came in time', async (store) => {
    await store.addCommand(command('q'));
    const { id } = command('q');
    assert.ok(!(await store.answerCommand(id, other, { ok: true, atMs: 5 })));
    assert.ok(!(await store.answerCommand(id, agentId, { ok: true, atMs: 100 })));
    assert.deepEqual(await store.findCommand(id), command('q'));
    assert.ok(await store.answerCommand(id, agentId, { ok: true, result: { a: 1 }, atMs: 5 }));
    assert.ok(!(await store.answerCommand(id, agentId, { ok: false, atMs: 6 })));
    assert.deepEqual(await store.findCommand(id), { ...command('q'), state: 'done', result: { a: 1 } });
    assert.ok(!(await store.answerCommand(commandIdSchema.parse('none'), agentId, { ok: true, atMs: 1 })));
  });
  withStore('commands without an answer are listed per agent until they expire', async (store) => {
    await store.addCommand({ ...command('late'), createdMs: 2 });
    await store.addCommand(command('early'));
    await store.addCommand({ ...command('else'), agentId: other });
    await store.addCommand(command('done'));
    await store.answerCommand(command('done').id, agentId, { ok: true, atMs: 5 });
    const ids = (await store.listWaitingCommands(agentId, 99)).map((row) => row.id);
    assert.deepEqual(ids, ['early', 'late']);
    assert.deepEqual(await store.listWaitingCommands(agentId, 100), []);
  });
  withStore('a failure keeps its words', async (store) => {
    await store.addCommand(command('q'));
    const error = { kind: 'unavailable', message: 'no answer', fix: 'look' } as const;
    await store.answerCommand(command('q').id, agentId, { ok: false, error, atMs: 5 });
    assert.deepEqual(await store.findCommand(command('q').id), { ...command('q'), state: 'failed', error });
  });
  withStore('what has expired is forgotten, and nothing else', async (store) => {
    await store.addCommand(command('old'));
    await store.addCommand({ ...command('new'), expiresMs: 300 });
    await store.addClaim({ fingerprint: 'c', agentId, expiresMs: 100, used: false });
    await store.addCertificate({ ...certificate('p'), tokenExpiresMs: 100 });
    await store.addCertificate({ ...certificate('a'), tokenExpiresMs: 100 });
    await store.activateCertificate({ tokenHash: 't-a', claim: 'c1', nowMs: 1, agentId, serialNumber: 's' });
    await store.forgetExpired(200);
    assert.equal(await store.findCommand(command('old').id), undefined);
    assert.ok(await store.findCommand(command('new').id));
    assert.equal(await store.findClaim('c'), undefined);
    assert.equal(await store.findCertificate('p'), undefined);
    assert.ok(await store.findCertificate('a'));
  });
}

function describeSettings(withStore: WithStore): void {
  withStore('a setting is kept, replaced, and taken by exactly one', async (store) => {
    assert.equal(await store.findSetting('s'), undefined);
    await store.putSetting('s', 'one');
    await store.putSetting('s', 'two');
    assert.equal(await store.findSetting('s'), 'two');
    assert.ok(!(await store.takeSetting('s', 'one')));
    const taken = await Promise.all([1, 2, 3].map(() => store.takeSetting('s', 'two')));
    assert.equal(taken.filter(Boolean).length, 1);
    assert.equal(await store.findSetting('s'), undefined);
  });
  withStore('attempts are counted in a window and start over after it', async (store) => {
    assert.deepEqual(await store.countAttempt('k', 100, 1000), { count: 1, untilMs: 1100 });
    assert.deepEqual(await store.countAttempt('k', 100, 1099), { count: 2, untilMs: 1100 });
    assert.deepEqual(await store.countAttempt('other', 100, 1099), { count: 1, untilMs: 1199 });
    assert.deepEqual(await store.countAttempt('k', 100, 1100), { count: 1, untilMs: 1200 });
    await store.forgetAttempts('k');
    assert.equal((await store.countAttempt('k', 100, 1101)).count, 1);
  });
}
