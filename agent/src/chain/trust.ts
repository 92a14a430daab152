import { X509Certificate } from 'node:crypto';
import { toCertificateDigest } from '@porchlight/base/signing';
import { agentSubject, witnessSubject } from '@porchlight/contract/proof';

/** True for a certificate of this house's witness: an agent's does not pass as one. */
export function isWitnessOf(certificate: X509Certificate, house: X509Certificate): boolean {
  return certificate.subject === witnessSubject && isIssuedBy(certificate, house);
}

/** True for a certificate of an agent of this house. */
export function isAgentOf(certificate: X509Certificate, house: X509Certificate): boolean {
  return certificate.subject === agentSubject && isIssuedBy(certificate, house);
}

function isIssuedBy(certificate: X509Certificate, house: X509Certificate): boolean {
  return house.ca && certificate.checkIssued(house) && certificate.verify(house.publicKey);
}

/** Certificates of a bundle by what they are for. */
export type Bundle = {
  /** Authorities that vouch for themselves, by fingerprint. */
  readonly houses: ReadonlyMap<string, X509Certificate>;
  /** Agents' and witnesses' certificates that one of the houses has signed, with the house's fingerprint. */
  readonly agents: ReadonlyMap<string, { certificate: X509Certificate; house: string }>;
  readonly witnesses: ReadonlyMap<string, { certificate: X509Certificate; house: string }>;
};

/** Sorts certificates; what is none, or stands under no authority of the bundle, is left out. */
export function openBundle(pems: readonly string[]): Bundle {
  const all = new Map<string, X509Certificate>();
  for (const pem of pems) {
    try {
      all.set(toCertificateDigest(pem), new X509Certificate(pem));
    } catch {
      continue; // no certificate
    }
  }
  const houses = new Map([...all].filter(([, found]) => found.ca && found.verify(found.publicKey)));
  const agents = new Map<string, { certificate: X509Certificate; house: string }>();
  const witnesses = new Map<string, { certificate: X509Certificate; house: string }>();
  for (const [key, certificate] of all) {
    for (const [house, authority] of houses) {
      if (isAgentOf(certificate, authority)) agents.set(key, { certificate, house });
      if (isWitnessOf(certificate, authority)) witnesses.set(key, { certificate, house });
    }
  }
  return { houses, agents, witnesses };
}
