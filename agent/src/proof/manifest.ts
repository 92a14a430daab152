import { toDigest, type ChainStore, type LinkedFact } from '#chain';
import type { AgentId, CameraId } from '@porchlight/contract/ids';
import {
  toManifestText,
  type ChainEntry,
  type JsonValue,
  type Manifest,
  type ManifestChain,
  type ManifestFile,
} from '@porchlight/contract/proof';

export type ManifestOptions = {
  readonly chain: ChainStore;
  /** Undefined: an agent without a hub; its manifest is not signed. */
  readonly agent: AgentId | undefined;
  readonly nowMs: number;
  readonly timeZone?: string;
};

/** A file to vouch for: whatever its maker knows of it. */
export type VouchedFile = Omit<ManifestFile, 'facts' | 'withoutFact'> & {
  /** Rows of the index that it is, or was made of. */
  readonly segments: readonly number[];
};

/**
 * Makes the manifest of files: the facts behind them, the pieces of the chains that hold those, and the heads and receipts after them. Facts
 * about other footage of the camera stand there by digest only. Signed when the agent has a key. Seal the cameras before (`Notary.seal`), so
 * that a head covers even the newest fact.
 */
export function makeManifest(options: ManifestOptions, files: readonly VouchedFile[]): Manifest {
  const { chain, agent, nowMs, timeZone } = options;
  const wanted = new Map<CameraId, Set<number>>();
  const listed = files.map(({ segments, ...file }) => {
    const facts = segments.flatMap((segment) => chain.findSeq(segment) ?? []).sort((a, b) => a - b);
    const seqs = wanted.get(file.camera) ?? new Set();
    for (const seq of facts) seqs.add(seq);
    wanted.set(file.camera, seqs);
    const withoutFact = segments.length - facts.length;
    return { ...file, facts, ...(withoutFact > 0 ? { withoutFact } : {}) };
  });
  const chains = [...wanted].flatMap(([camera, seqs]) => (seqs.size === 0 ? [] : [toPiece(chain, camera, seqs)]));
  const manifest: Manifest = {
    ...{ format: 'porchlight-proof', v: 1, madeMs: nowMs, files: listed, chains },
    certificates: chain.listCertificates().map(({ pem }) => pem),
    ...(agent === undefined ? {} : { agent }),
    ...(timeZone === undefined ? {} : { timeZone }),
  };
  return signManifest(chain, manifest);
}

/** Signs a manifest, again when something in it has changed since: the hash of a clip is known last. */
export function signManifest({ signer }: Pick<ChainStore, 'signer'>, { signature: _old, ...rest }: Manifest): Manifest {
  if (signer === undefined) return rest;
  // Written and read once, so that what is signed is what a reader will parse.
  const plain = JSON.parse(JSON.stringify(rest)) as { readonly [name: string]: JsonValue };
  return { ...rest, signature: { key: signer.key, value: signer.sign(toManifestText(plain)) } };
}

/** From the first fact wanted to the first head after the last one that a witness has confirmed, or the last head there is. */
function toPiece(chain: ChainStore, camera: CameraId, wanted: ReadonlySet<number>): ManifestChain {
  const first = Math.min(...wanted);
  const last = Math.max(...wanted);
  const heads = chain.listHeads(camera, last, Number.MAX_SAFE_INTEGER);
  const witnessed = heads.findIndex(({ receipt }) => receipt !== undefined);
  const kept = witnessed < 0 ? heads : heads.slice(0, witnessed + 1);
  const toSeq = kept.at(-1)?.seq ?? chain.findEnd(camera)?.seq ?? last;
  return {
    camera,
    after: chain.findPlaceBefore(camera, first),
    entries: chain.list(camera, first - 1, toSeq).map((entry) => toEntry(entry, wanted)),
    heads: kept.map(({ signed }) => signed),
    receipts: kept.flatMap(({ receipt }) => (receipt === undefined ? [] : [receipt])),
  };
}

/** Whole where it is about the files, or says that a stretch begins anew; by digest otherwise. */
function toEntry({ fact, signature, key }: LinkedFact, wanted: ReadonlySet<number>): ChainEntry {
  const { what } = fact;
  const about = what.kind === 'tombstone' && what.of !== undefined && wanted.has(what.of);
  if (!wanted.has(fact.seq) && !about && what.kind !== 'begun') return { digest: toDigest(fact) };
  return { fact, ...(signature === undefined ? {} : { signature }), ...(key === undefined ? {} : { key }) };
}
