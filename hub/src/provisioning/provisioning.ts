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
  createFromCsr(claim: string, payload: unknown): Promise<ProvisioningReply>;
  /** Gives also the fingerprints of certificates that this one replaced. */
  provision(claim: string, payload: unknown): Promise<ProvisioningReply & { readonly revoked: readonly string[] }>;
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
    createFromCsr: (claim, payload) => createFromCsr(options, claim, payload),
    provision: (claim, payload) => provision(options, claim, payload),
  };
}

async function createFromCsr(
  options: ProvisioningOptions,
  claim: string,
  payload: unknown,
): Promise<ProvisioningReply> {
  const { authority, store, clock } = options;
  const parsed = createFromCsrSchema.safeParse(payload);
  if (!parsed.success) return reject(400, 'InvalidPayload', 'Expected certificateSigningRequest');
  const row = await store.findClaim(claim);
  if (!row || row.used || row.expiresMs <= clock.nowMs()) return reject(403, 'AccessDenied', 'The claim is over');
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

const serialSetting = (serialNumber: string): string => `serial ${hashToken(serialNumber)}`;

function reject(statusCode: number, errorCode: string, errorMessage: string): ProvisioningReply {
  return { accepted: false, body: { statusCode, errorCode, errorMessage } };
}
