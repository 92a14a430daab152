import type { Clock } from '@porchlight/base/clock';
import { openSigner, type Signer } from '@porchlight/base/signing';
import { makeAuthority, openAuthority } from '#provisioning';

/** Keys as a house has them: what a hub signs receipts with, and what an agent signs heads with. */
export type HouseKeys = {
  readonly witness: { readonly signer: Signer; readonly authorityPem: string };
  readonly device: Signer;
};

/** Makes an authority and keys of it. */
export async function makeHouseKeys(clock: Clock): Promise<HouseKeys> {
  const kept = await makeAuthority(clock);
  const authority = await openAuthority(kept, clock);
  const signer = openSigner(await authority.issueWitness());
  // Any key of the house will do for an agent here.
  const device = openSigner(await authority.issueWitness());
  return { witness: { signer, authorityPem: kept.certificatePem }, device };
}
