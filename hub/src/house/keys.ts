import { X509Certificate } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import type { Clock } from '@porchlight/base/clock';
import { readSecretFile, writeSecretFile } from '@porchlight/base/secrets';
import { openSigner, type Signer } from '@porchlight/base/signing';
import { makeGrantKey, openMediaGrants, type MediaGrants } from '#grants';
import type { DataFolder } from '#local';
import { makeAuthority, makeSelfSigned, openAuthority, type Authority, type KeyAndCertificate } from '#provisioning';

const renewBeforeMs = 30 * 86_400_000;

/** The hub's authority, from `ca.key` and `ca.pem`; made on first use. */
export async function openHouseAuthority(folder: DataFolder, clock: Clock): Promise<Authority> {
  return openAuthority(await keep(folder, 'ca', () => makeAuthority(clock)), clock);
}

/** Signs receipts for what agents show, from `witness.key` and `witness.pem`; made on first use. */
export async function openHouseWitnessKey(folder: DataFolder, authority: Authority): Promise<Signer> {
  return openSigner(await keep(folder, 'witness', () => authority.issueWitness()));
}

/** The signer of media grants, from `grant.key`; made on first use. */
export async function openHouseGrants(folder: DataFolder, clock: Clock): Promise<MediaGrants> {
  const path = folder.path('grant.key');
  let key = readSecretFile(path);
  if (key === undefined) writeSecretFile(path, (key = await makeGrantKey(clock)));
  return openMediaGrants(key, clock);
}

/** The page's own certificate, from `tls.key` and `tls.pem`; made on first use, and anew when it ends or names change. */
export async function openPageCertificate(
  folder: DataFolder,
  names: readonly string[],
  clock: Clock,
): Promise<KeyAndCertificate> {
  const kept = await keep(folder, 'tls', () => makeSelfSigned(names, clock));
  const certificate = new X509Certificate(kept.certificatePem);
  const ends = Date.parse(certificate.validTo) - clock.nowMs() < renewBeforeMs;
  const named = names.every((name) =>
    isAddress(name) ? certificate.checkIP(name) !== undefined : certificate.checkHost(name) !== undefined,
  );
  if (!ends && named) return kept;
  return store(folder, 'tls', await makeSelfSigned(names, clock));
}

/** Every address of this machine that a browser could call it by. */
export function listOwnAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ address }) => !address.startsWith('fe80'))
    .map(({ address }) => address);
}

const isAddress = (name: string): boolean => /^[\d.]+$|:/.test(name);

async function keep(
  folder: DataFolder,
  name: string,
  make: () => Promise<KeyAndCertificate>,
): Promise<KeyAndCertificate> {
  const privateKeyPem = readSecretFile(folder.path(`${name}.key`));
  const certificatePem = readSecretFile(folder.path(`${name}.pem`));
  if (privateKeyPem !== undefined && certificatePem !== undefined) return { privateKeyPem, certificatePem };
  return store(folder, name, await make());
}

function store(folder: DataFolder, name: string, made: KeyAndCertificate): KeyAndCertificate {
  writeSecretFile(folder.path(`${name}.key`), made.privateKeyPem);
  writeSecretFile(folder.path(`${name}.pem`), made.certificatePem);
  return made;
}
