import type { Clock } from '@porchlight/base/clock';
import { HouseError } from '@porchlight/base/errors';
import type { Log } from '@porchlight/base/log';
import { hashToken, makeToken } from '@porchlight/base/secrets';
import { createFromCsrSchema, provisionRequestSchema, type Claim } from '@porchlight/contract/agent';
import type { AgentId } from '@porchlight/contract/ids';
import { provisioningTemplate } from '@porchlight/contract/topics';
import type { Store } from '#store';
import type { Authority } from './authority.ts';

/** Whom a certificate stands for. */
export type Bearer =
  | { readonly kind: 'claim'; readonly fingerprint: string }
  | { readonly kind: 'agent'; readonly fingerprint: string; readonly agentId: AgentId };

/** Answer to a provisioning request, for the `accepted` or `rejected` topic. */
export type ProvisioningReply = { readonly accepted: boolean; readonly body: object };

export type Provisioning = {
  /** A claim for one agent: one use, five minutes. */
  makeClaim(agentId: AgentId): Promise<Omit<Claim, 'brokerUrl'>>;
  /** Whom a client certificate stands for; undefined when it is used up, expired, pending, revoked or unknown. */
  identify(fingerprint: string): Promise<Bearer | undefined>;
  createFromCsr(by: Bearer, payload: unknown): Promise<ProvisioningReply>;
  /** Gives also the fingerprints of certificates that this one replaced. */
  provision(by: Bearer, payload: unknown): Promise<ProvisioningReply & { readonly revoked: readonly string[] }>;
  /** An agent has connected with this certificate: if it was renewed, those before it are revoked now. */
  noteConnected(agentId: AgentId, fingerprint: string): Promise<void>;
};

export type ProvisioningOptions = {
  readonly authority: Authority;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
};

const claimLifetimeMs = 5 * 60_000;
const tokenLifetimeMs = 3_600_000;

/**
 * Fleet provisioning by claim as IoT Core does it: a certificate is made from the agent's request and stays pending until the agent shows the
 * ownership token with the same claim; that uses the claim up. @see AWS IoT Core "Provisioning by claim"
 */
export function openProvisioning(options: ProvisioningOptions): Provisioning {
  const { authority, store, clock } = options;
  return {
    async makeClaim(agentId) {
      const expiresMs = clock.nowMs() + claimLifetimeMs;
      const { fingerprint, certificatePem, privateKeyPem } = await authority.issueClaim(expiresMs);
      await store.addClaim({ fingerprint, agentId, expiresMs, used: false });
      return { certificatePem, privateKeyPem, caPem: authority.certificatePem, template: provisioningTemplate };
    },
    async identify(fingerprint) {
      const certificate = await store.findCertificate(fingerprint);
      if (certificate?.state === 'active' && certificate.agentId !== undefined) {
        return { kind: 'agent', fingerprint, agentId: certificate.agentId };
      }
      const claim = certificate ? undefined : await store.findClaim(fingerprint);
      return claim && !claim.used && claim.expiresMs > clock.nowMs() ? { kind: 'claim', fingerprint } : undefined;
    },
    createFromCsr: (by, payload) => createFromCsr(options, by, payload),
    provision: (by, payload) =>
      by.kind === 'claim' ? provision(options, by.fingerprint, payload) : renew(options, by, payload),
    noteConnected: (agentId, fingerprint) => noteConnected(options, agentId, fingerprint),
  };
}

async function createFromCsr(options: ProvisioningOptions, by: Bearer, payload: unknown): Promise<ProvisioningReply> {
  const { authority, store, clock } = options;
  const claim = by.fingerprint;
  const parsed = createFromCsrSchema.safeParse(payload);
  if (!parsed.success) return reject(400, 'InvalidPayload', 'Expected certificateSigningRequest');
  if (!(await mayAsk(options, by))) return reject(403, 'AccessDenied', 'The claim is over');
  try {
    const { certificatePem, fingerprint } = await authority.issueAgent(parsed.data.certificateSigningRequest);
    const token = makeToken();
    const nowMs = clock.nowMs();
    await store.addCertificate({
      fingerprint,
      claim,
      state: 'pending',
      tokenHash: hashToken(token),
      tokenExpiresMs: nowMs + tokenLifetimeMs,
      createdMs: nowMs,
    });
    return {
      accepted: true,
      body: { certificateId: fingerprint, certificatePem, certificateOwnershipToken: token },
    };
  } catch (error) {
    if (error instanceof HouseError && error.kind === 'invalid')
      return reject(400, 'InvalidCertificateSigningRequest', error.message);
    throw error;
  }
}

async function provision(
  options: ProvisioningOptions,
  claim: string,
  payload: unknown,
): Promise<ProvisioningReply & { revoked: readonly string[] }> {
  const { store, clock, log } = options;
  const no = (status: number, code: string, words: string) => ({ ...reject(status, code, words), revoked: [] });
  const parsed = provisionRequestSchema.safeParse(payload);
  if (!parsed.success) return no(400, 'InvalidPayload', 'Expected certificateOwnershipToken and SerialNumber');
  const serialNumber = parsed.data.parameters.SerialNumber;
  const known = await store.findClaim(claim);
  const boundTo = await store.findSetting(serialSetting(serialNumber));
  if (known && boundTo !== undefined && boundTo !== known.agentId) {
    return no(403, 'AccessDenied', 'This serial number belongs to another agent');
  }
  const nowMs = clock.nowMs();
  const used = await store.useClaim(claim, nowMs);
  if (!used) return no(403, 'AccessDenied', 'The claim is over');
  const tokenHash = hashToken(parsed.data.certificateOwnershipToken);
  const row = await store.activateCertificate({ tokenHash, claim, nowMs, agentId: used.agentId, serialNumber });
  if (!row) return no(403, 'InvalidCertificateOwnershipToken', 'The ownership token is over or not of this claim');
  await store.putSetting(serialSetting(serialNumber), used.agentId);
  const revoked = await store.revokeCertificates(used.agentId, row.fingerprint);
  log.info('provisioned an agent', { agent: used.agentId, revoked: revoked.length });
  return { accepted: true, body: { deviceConfiguration: {}, thingName: used.agentId }, revoked };
}

/** A claim may ask once, within its time; an agent as long as its own certificate holds. */
async function mayAsk({ store, clock }: ProvisioningOptions, by: Bearer): Promise<boolean> {
  if (by.kind === 'agent') return (await store.findCertificate(by.fingerprint))?.state === 'active';
  const row = await store.findClaim(by.fingerprint);
  return row !== undefined && !row.used && row.expiresMs > clock.nowMs();
}

/** An agent's present certificate stands for its next one. It stays good until the agent has connected with the next. */
async function renew(
  { store, clock, log }: ProvisioningOptions,
  { agentId, fingerprint }: Extract<Bearer, { kind: 'agent' }>,
  payload: unknown,
): Promise<ProvisioningReply & { revoked: readonly string[] }> {
  const no = (status: number, code: string, words: string) => ({ ...reject(status, code, words), revoked: [] });
  const parsed = provisionRequestSchema.safeParse(payload);
  if (!parsed.success) return no(400, 'InvalidPayload', 'Expected certificateOwnershipToken and SerialNumber');
  const serialNumber = parsed.data.parameters.SerialNumber;
  const present = await store.findCertificate(fingerprint);
  if (present?.state !== 'active' || present.serialNumber !== serialNumber)
    return no(403, 'AccessDenied', 'This serial number belongs to another agent');
  const tokenHash = hashToken(parsed.data.certificateOwnershipToken);
  const nowMs = clock.nowMs();
  const row = await store.activateCertificate({ tokenHash, claim: fingerprint, nowMs, agentId, serialNumber });
  if (!row) return no(403, 'InvalidCertificateOwnershipToken', 'The ownership token is over or not of this agent');
  log.info('renewed the certificate of an agent', { agent: agentId });
  return { accepted: true, body: { deviceConfiguration: {}, thingName: agentId }, revoked: [] };
}

async function noteConnected(
  { store, log }: ProvisioningOptions,
  agentId: AgentId,
  fingerprint: string,
): Promise<void> {
  const own = await store.findCertificate(fingerprint);
  const before = own && (await store.findCertificate(own.claim));
  if (before?.state !== 'active' || before.agentId !== agentId) return;
  const revoked = await store.revokeCertificates(agentId, fingerprint);
  log.info('revoked the certificates before the renewed one', { agent: agentId, revoked: revoked.length });
}

const serialSetting = (serialNumber: string): string => `serial ${hashToken(serialNumber)}`;

function reject(statusCode: number, errorCode: string, errorMessage: string): ProvisioningReply {
  return { accepted: false, body: { statusCode, errorCode, errorMessage } };
}
