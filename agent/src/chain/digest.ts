import { createHash } from 'node:crypto';
import type { CameraId } from '@porchlight/contract/ids';
import { toCanonicalText, type ChainPlace, type Fact } from '@porchlight/contract/proof';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** SHA-256 of a fact's canonical text. */
export function toDigest(fact: Fact): string {
  return sha256(toCanonicalText(fact));
}

/** SHA-256 of a text as it is, hexadecimal. */
export function toTextDigest(text: string): string {
  return sha256(text);
}

/** The link before a camera's first fact. */
export function toFirstLink(camera: CameraId): string {
  return sha256(`porchlight chain 1\n${camera}`);
}

/** The link behind a fact: over the link before it and the fact's digest, so that a digest can stand for a fact that is not shown. */
export function toNextLink(before: string, digest: string): string {
  return sha256(`porchlight link 1\n${before}\n${digest}`);
}

/**
 * The link that a fact hangs on. Mostly the one before it. A chain whose index was lost or older goes on from what its file says stood there
 * last, so that the file stays one chain.
 */
export function toLinkBefore(fact: Fact, end: ChainPlace | undefined): string {
  const { what } = fact;
  if (what.kind === 'begun' && what.before !== undefined && what.reason !== 'rolled-back') return what.before.link;
  return end?.link ?? toFirstLink(fact.camera);
}

/** May this fact come after that place? Numbers grow by one; a `begun` may leave some out. */
export function goesOn(fact: Fact, end: ChainPlace | undefined): boolean {
  const endSeq = end?.seq ?? 0;
  return fact.seq === endSeq + 1 || (fact.what.kind === 'begun' && fact.seq > endSeq);
}
