import { isSignedBy } from '@porchlight/base/signing';
import type { CameraId } from '@porchlight/contract/ids';
import {
  toStatementText,
  toTombstoneText,
  type ChainEntry,
  type ChainPlace,
  type Fact,
  type SignedHead,
  type SignedReceipt,
} from '@porchlight/contract/proof';
import { goesOn, toDigest, toFirstLink, toLinkBefore, toNextLink } from './digest.ts';
import type { Bundle } from './trust.ts';

/**
 * What a check found. `broken`: something contradicts something else, so somebody or something changed it. `unproved`: nothing speaks
 * against it and nothing for it. `note`: worth knowing.
 */
export type Finding = { readonly level: 'broken' | 'unproved' | 'note'; readonly about: string; readonly text: string };

/** A piece of a chain as it was handed out. */
export type ChainPiece = {
  readonly camera: CameraId;
  readonly after: ChainPlace;
  readonly entries: readonly ChainEntry[];
  readonly heads: readonly SignedHead[];
  readonly receipts: readonly SignedReceipt[];
};

/** Who stands for a fact. */
export type Voucher = {
  /** First head at or after it that its agent signed. */
  readonly head: SignedHead['head'] | undefined;
  /** First receipt at or after it: the fact was there then. */
  readonly receipt: SignedReceipt['receipt'] | undefined;
};

export type CheckedChain = {
  readonly camera: CameraId;
  /** Facts in their true places, by number; none behind a break. */
  readonly facts: ReadonlyMap<number, Fact>;
  /** Numbers of facts that a tombstone says are not there any more, with its rule. */
  readonly buried: ReadonlyMap<number, string>;
  readonly findings: readonly Finding[];
  /** Houses whose certificates stand behind heads and receipts. */
  readonly houses: readonly string[];
  vouch(seq: number): Voucher;
};

/** Checks that a piece of a chain is whole, in order and signed. Nothing is read but what is given. */
export function checkChain(piece: ChainPiece, bundle: Bundle): CheckedChain {
  const walk = new Walk(piece, bundle);
  walk.entries();
  const heads = walk.heads();
  const receipts = walk.receipts();
  return {
    camera: piece.camera,
    facts: walk.facts,
    buried: walk.buried,
    findings: walk.findings,
    houses: [...walk.houses],
    vouch: (seq) => ({
      head: heads.find((head) => head.seq >= seq),
      receipt: receipts.filter((one) => one.seq >= seq).sort((a, b) => a.atMs - b.atMs)[0],
    }),
  };
}

class Walk {
  readonly facts = new Map<number, Fact>();
  readonly buried = new Map<number, string>();
  readonly findings: Finding[] = [];
  readonly houses = new Set<string>();
  readonly #piece: ChainPiece;
  readonly #bundle: Bundle;
  readonly #links = new Map<number, string>();

  constructor(piece: ChainPiece, bundle: Bundle) {
    this.#piece = piece;
    this.#bundle = bundle;
  }

  #say(level: Finding['level'], text: string): void {
    this.findings.push({ level, about: this.#piece.camera, text });
  }

  entries(): void {
    const { camera, after } = this.#piece;
    let place = after;
    if (after.seq === 0 && after.link !== toFirstLink(camera)) {
      this.#say('broken', 'the chain does not begin as the chain of this camera must');
      return;
    }
    this.#links.set(after.seq, after.link);
    for (const entry of this.#piece.entries) {
      const next = this.#step(entry, place);
      if (next === undefined) return;
      this.#links.set(next.seq, next.link);
      place = next;
    }
  }

  /** The place behind an entry; undefined when it cannot stand here. */
  #step(entry: ChainEntry, place: ChainPlace): ChainPlace | undefined {
    if ('digest' in entry) return { seq: place.seq + 1, link: toNextLink(place.link, entry.digest) };
    const { fact } = entry;
    if (fact.camera !== this.#piece.camera) {
      this.#say('broken', `fact ${fact.seq} is about another camera (${fact.camera})`);
      return undefined;
    }
    if (!goesOn(fact, place)) {
      this.#say(
        'broken',
        `after fact ${place.seq} comes fact ${fact.seq}: a fact was taken out, or their order changed`,
      );
      return undefined;
    }
    const digest = toDigest(fact);
    const before = toLinkBefore(fact, place);
    this.#noteBroken(fact, place);
    if (!this.#takeTombstone(entry, digest)) return undefined;
    this.facts.set(fact.seq, fact);
    return { seq: fact.seq, link: toNextLink(before, digest) };
  }

  /** A stretch that begins anew, and what it says stood there before. */
  #noteBroken({ seq, what }: Fact, place: ChainPlace): void {
    if (what.kind !== 'begun' || what.reason === 'new') return;
    const words = {
      'index-rebuilt': 'the index was made anew from the files',
      'index-older': 'the index was an older copy',
      'rolled-back': 'what the hub was shown before is not in it: an older copy of the disk, or a rewritten record',
    }[what.reason];
    const level = what.reason === 'rolled-back' ? 'unproved' : 'note';
    this.#say(level, `the record was interrupted before fact ${seq}: ${words}`);
    if (what.before === undefined || what.reason === 'rolled-back') return;
    this.#links.set(what.before.seq, what.before.link);
    const same = place.seq === what.before.seq && place.link === what.before.link;
    if (!same) this.#say('unproved', `facts up to ${what.before.seq} that stood there before fact ${seq} are not here`);
  }

  #takeTombstone({ fact, signature, key }: Exclude<ChainEntry, { digest: string }>, digest: string): boolean {
    const { what, seq } = fact;
    if (what.kind === 'cleared') for (const known of this.facts.keys()) this.buried.set(known, what.rule);
    if (what.kind === 'tombstone' && what.of !== undefined) this.buried.set(what.of, what.rule);
    if (what.kind !== 'tombstone' && what.kind !== 'cleared') return true;
    if (signature === undefined || key === undefined) {
      this.#say('note', `tombstone ${seq} was made before the agent had a key: only the head after it vouches for it`);
      return true;
    }
    const signer = this.#bundle.agents.get(key);
    if (signer === undefined)
      this.#say('unproved', `tombstone ${seq} is signed with a key whose certificate is not here`);
    else if (!isSignedBy(signer.certificate, toTombstoneText(digest), signature)) {
      this.#say('broken', `tombstone ${seq} has a false signature`);
      return false;
    }
    return true;
  }

  /** Heads of this piece whose signature is right, oldest first. */
  heads(): SignedHead['head'][] {
    const right = this.#piece.heads.filter(({ head, signature }) => {
      if (!this.#fits('head', head)) return false;
      const signer = this.#bundle.agents.get(head.key);
      if (signer === undefined)
        this.#say('unproved', `head ${head.seq} is signed with a key whose certificate is not here`);
      else if (isSignedBy(signer.certificate, toStatementText(head), signature)) return this.houses.add(signer.house);
      else this.#say('broken', `head ${head.seq} has a false signature`);
      return false;
    });
    return right.map(({ head }) => head).sort((a, b) => a.seq - b.seq);
  }

  receipts(): SignedReceipt['receipt'][] {
    const right = this.#piece.receipts.filter(({ receipt, signature }) => {
      if (!this.#fits('receipt', receipt)) return false;
      const witness = this.#bundle.witnesses.get(receipt.key);
      if (witness === undefined || witness.house !== receipt.house) {
        this.#say('unproved', `the receipt for fact ${receipt.seq} is signed with a key whose certificate is not here`);
      } else if (isSignedBy(witness.certificate, toStatementText(receipt), signature)) {
        return this.houses.add(witness.house);
      } else this.#say('broken', `the receipt for fact ${receipt.seq} has a false signature`);
      return false;
    });
    return right.map(({ receipt }) => receipt);
  }

  /** It is about this chain and about a place in this piece; a place with another link behind it is a contradiction. */
  #fits(what: string, { camera, seq, link }: { camera: string; seq: number; link: string }): boolean {
    if (camera !== this.#piece.camera) {
      this.#say('broken', `a ${what} of another camera (${camera}) stands among those of this one`);
      return false;
    }
    const here = this.#links.get(seq);
    if (here === undefined) {
      const last = Math.max(...this.#links.keys());
      if (seq > last && what === 'receipt')
        this.#say('broken', `a witness was shown ${seq} facts, but here are only ${last}`);
      else if (seq > last) this.#say('broken', `the agent has signed ${seq} facts, but here are only ${last}`);
      return false;
    }
    if (here !== link) this.#say('broken', `the ${what} for fact ${seq} was made of another record than this one`);
    return here === link;
  }
}
