/**
 * How an agent comes to a certificate. In: claims, signing requests. Out: certificates, and whom one stands for. Promises: a claim works once and for
 * five minutes; a certificate is good only after its owner showed the token; the agent's key never comes here.
 */
export {
  makeAuthority,
  makeSelfSigned,
  openAuthority,
  toFingerprint,
  type Authority,
  type KeyAndCertificate,
} from './authority.ts';
export { openProvisioning, type Bearer, type Provisioning, type ProvisioningReply } from './provisioning.ts';
