import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import * as x509 from '@peculiar/x509';
import { openFakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { agentIdSchema } from '@porchlight/contract/ids';
import { openMemoryStore } from '#store';
import { makeAuthority, makeSelfSigned, openAuthority, openProvisioning, toFingerprint, type Bearer } from './index.ts';

const agentId = agentIdSchema.parse('local');

async function open() {
  const clock = openFakeClock();
  const store = openMemoryStore();
  const authority = await openAuthority(await makeAuthority(clock), clock);
  const provisioning = openProvisioning({ authority, store, clock, log: openFakeLog() });
  return { clock, store, authority, provisioning };
}

async function makeRequest(namedCurve = 'P-256'): Promise<string> {
  const algorithm = { name: 'ECDSA', namedCurve, hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=agent',
    keys,
    signingAlgorithm: algorithm,
  });
  return request.toString('pem');
}

const fingerprintOf = (pem: string): string => toFingerprint(new X509Certificate(pem).raw);
const asClaim = (fingerprint: string): Bearer => ({ kind: 'claim', fingerprint });
const asAgent = (fingerprint: string): Bearer => ({ kind: 'agent', fingerprint, agentId });
type Created = { certificatePem: string; certificateOwnershipToken: string };

test('claim, request, token, provision: the certificate stands for the agent, signed by the hub', async () => {
  const { provisioning, authority } = await open();
  const claim = await provisioning.makeClaim(agentId);
  const by = fingerprintOf(claim.certificatePem);
  assert.deepEqual(await provisioning.identify(by), { kind: 'claim', fingerprint: by });
  const created = await provisioning.createFromCsr(asClaim(by), { certificateSigningRequest: await makeRequest() });
  assert.ok(created.accepted);
  const { certificatePem, certificateOwnershipToken } = created.body as Created;
  assert.ok(new X509Certificate(certificatePem).verify(new X509Certificate(authority.certificatePem).publicKey));
  const own = fingerprintOf(certificatePem);
  assert.equal(await provisioning.identify(own), undefined, 'pending until provisioned');
  const done = await provisioning.provision(asClaim(by), {
    certificateOwnershipToken,
    parameters: { SerialNumber: 's1' },
  });
  assert.deepEqual(done.body, { deviceConfiguration: {}, thingName: 'local' });
  assert.deepEqual(await provisioning.identify(own), { kind: 'agent', fingerprint: own, agentId });
  assert.equal(await provisioning.identify(by), undefined, 'the claim is used up');
  const again = await provisioning.provision(asClaim(by), {
    certificateOwnershipToken,
    parameters: { SerialNumber: 's1' },
  });
  assert.ok(!again.accepted);
  assert.ok(
    !(await provisioning.createFromCsr(asClaim(by), { certificateSigningRequest: await makeRequest() })).accepted,
  );
});

test('a second provisioning of the agent replaces its certificate', async () => {
  const { provisioning } = await open();
  const provisionOnce = async (serial: string) => {
    const claim = fingerprintOf((await provisioning.makeClaim(agentId)).certificatePem);
    const created = await provisioning.createFromCsr(asClaim(claim), {
      certificateSigningRequest: await makeRequest(),
    });
    const { certificatePem, certificateOwnershipToken } = created.body as Created;
    const parameters = { SerialNumber: serial };
    const done = await provisioning.provision(asClaim(claim), { certificateOwnershipToken, parameters });
    return { own: fingerprintOf(certificatePem), done };
  };
  const first = await provisionOnce('s1');
  const second = await provisionOnce('s1');
  assert.deepEqual(second.done.revoked, [first.own]);
  assert.equal(await provisioning.identify(first.own), undefined);
});

test('an agent’s certificate asks for the next one, and is revoked when the agent has connected with it', async () => {
  const { provisioning, clock } = await open();
  const parameters = { SerialNumber: 's1' };
  const ask = async (by: Bearer) => {
    const created = await provisioning.createFromCsr(by, { certificateSigningRequest: await makeRequest() });
    const { certificatePem, certificateOwnershipToken } = created.body as Created;
    const done = await provisioning.provision(by, { certificateOwnershipToken, parameters });
    assert.ok(done.accepted);
    return { own: fingerprintOf(certificatePem), done };
  };
  const claim = fingerprintOf((await provisioning.makeClaim(agentId)).certificatePem);
  const first = (await ask(asClaim(claim))).own;
  await provisioning.noteConnected(agentId, first);
  await clock.advance(6 * 365 * 86_400_000);
  const lost = (await ask(asAgent(first))).own;
  const renewed = await ask(asAgent(first));
  assert.deepEqual(renewed.done.revoked, []);
  const known = async () =>
    Promise.all([first, lost, renewed.own].map(async (one) => (await provisioning.identify(one)) !== undefined));
  await provisioning.noteConnected(agentId, first);
  assert.deepEqual(await known(), [true, true, true], 'the old one holds until the new one is in use');
  await provisioning.noteConnected(agentId, renewed.own);
  assert.deepEqual(await known(), [false, false, true]);
  const late = await provisioning.createFromCsr(asAgent(first), { certificateSigningRequest: await makeRequest() });
  assert.ok(!late.accepted, 'a revoked one asks for nothing');
  const { body } = await provisioning.createFromCsr(asAgent(renewed.own), {
    certificateSigningRequest: await makeRequest(),
  });
  const { certificateOwnershipToken } = body as Created;
  const wrong = { certificateOwnershipToken, parameters: { SerialNumber: 'another' } };
  assert.ok(!(await provisioning.provision(asAgent(renewed.own), wrong)).accepted, 'for another machine it is refused');
});

test('a claim ends after five minutes, a token after an hour or with another claim', async () => {
  const { provisioning, clock } = await open();
  const claim = fingerprintOf((await provisioning.makeClaim(agentId)).certificatePem);
  const other = fingerprintOf((await provisioning.makeClaim(agentIdSchema.parse('barn'))).certificatePem);
  const created = await provisioning.createFromCsr(asClaim(claim), { certificateSigningRequest: await makeRequest() });
  const { certificateOwnershipToken } = created.body as Created;
  const parameters = { SerialNumber: 's' };
  assert.ok(!(await provisioning.provision(asClaim(other), { certificateOwnershipToken, parameters })).accepted);
  await clock.advance(5 * 60_000);
  assert.equal(await provisioning.identify(claim), undefined);
  assert.ok(
    !(await provisioning.createFromCsr(asClaim(claim), { certificateSigningRequest: await makeRequest() })).accepted,
  );
});

test('a serial number that belongs to another agent is refused', async () => {
  const { provisioning } = await open();
  const run = async (agent: string) => {
    const claim = fingerprintOf((await provisioning.makeClaim(agentIdSchema.parse(agent))).certificatePem);
    const created = await provisioning.createFromCsr(asClaim(claim), {
      certificateSigningRequest: await makeRequest(),
    });
    const { certificateOwnershipToken } = created.body as Created;
    return provisioning.provision(asClaim(claim), { certificateOwnershipToken, parameters: { SerialNumber: 'same' } });
  };
  assert.ok((await run('local')).accepted);
  assert.ok(!(await run('barn')).accepted);
});

test('what is no signing request with a P-256 key is refused as the standard topic does', async () => {
  const { provisioning } = await open();
  const claim = fingerprintOf((await provisioning.makeClaim(agentId)).certificatePem);
  for (const payload of [
    undefined,
    {},
    { certificateSigningRequest: 'x' },
    { certificateSigningRequest: await makeRequest('P-384') },
  ]) {
    const reply = await provisioning.createFromCsr(asClaim(claim), payload);
    assert.equal(reply.accepted, false);
    assert.equal((reply.body as { statusCode: number }).statusCode, 400);
  }
});

test('the certificate for the page names what it is called by', async () => {
  const made = await makeSelfSigned(['localhost', '192.168.1.5'], openFakeClock());
  const certificate = new X509Certificate(made.certificatePem);
  assert.ok(certificate.checkHost('localhost'));
  assert.ok(certificate.checkIP('192.168.1.5'));
});
