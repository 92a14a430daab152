import { X509Certificate } from 'node:crypto';
import { checkChain, openBundle, type Bundle, type CheckedChain } from '#chain';
import { isSignedBy } from '@porchlight/base/signing';
import {
  manifestSchema,
  toManifestText,
  type Fact,
  type FactOf,
  type Manifest,
  type ManifestFile,
  type WitnessStatement,
} from '@porchlight/contract/proof';
import { Sentences, toTimeText, type Verification } from './verdict.ts';

/** A file as it was found beside the manifest; undefined when it is not there. */
export type FoundFile = { readonly sizeBytes: number; readonly sha256: string } | undefined;

export type ManifestCheck = {
  /** The manifest's text, parsed as JSON and not yet believed. */
  readonly value: unknown;
  /** Reads and hashes a file that the manifest names. */
  readonly find: (file: ManifestFile) => Promise<FoundFile>;
  /** What the hub has written down, read from the hub itself: stronger than what the box hands over. */
  readonly statements?: readonly WitnessStatement[];
  /** Fingerprint of the house, known from elsewhere. */
  readonly house?: string;
};

/** Checks a manifest and its files. Nothing is asked of anybody. Throws `TypeError` for what is no manifest. */
export async function checkManifest(check: ManifestCheck): Promise<Verification> {
  const parsed = manifestSchema.safeParse(check.value);
  if (!parsed.success)
    throw new TypeError(`This is no manifest of Porchlight: ${parsed.error.issues[0]?.message ?? ''}`);
  // A hash is over every name, also those that this version does not know.
  const manifest = check.value as Manifest;
  const say = new Sentences();
  const statements = check.statements ?? [];
  const bundle = openBundle([...manifest.certificates, ...statements.flatMap(({ certificates }) => certificates)]);
  const maker = checkSignature(manifest, bundle, say);
  const chains = new Map<string, CheckedChain>();
  for (const piece of manifest.chains) {
    const extra = statements.filter(({ camera }) => camera === piece.camera).flatMap(({ entries }) => entries);
    noteConflicts(extra, say);
    const receipts = [...piece.receipts, ...extra.flatMap(({ receipt }) => receipt ?? [])];
    const within = receipts.filter(({ receipt }) => isWithin(piece, receipt.seq));
    const checked = checkChain({ ...piece, receipts: within }, bundle);
    say.take(checked.findings);
    chains.set(piece.camera, checked);
  }
  for (const file of manifest.files) await checkFile({ ...check, say, maker, chains }, file);
  checkHouse(bundle, [maker, ...[...chains.values()].flatMap(({ houses }) => houses)], { say, known: check.house });
  return say.toVerification(manifest.files.length);
}

function isWithin(piece: Manifest['chains'][number], seq: number): boolean {
  const heads = piece.heads.map(({ head }) => head.seq);
  return seq > piece.after.seq && seq <= Math.max(piece.after.seq + piece.entries.length, ...heads);
}

/** What the hub saw that does not fit together. */
export function noteConflicts(entries: WitnessStatement['entries'], say: Sentences): void {
  for (const { kind, head, atMs } of entries) {
    if (kind !== 'conflict') continue;
    const { camera, seq } = head.head;
    say.notProved.add(
      `${camera}: on ${toTimeText(atMs)} the hub was shown a record (fact ${seq}) that does not go on from the one before`,
    );
  }
}

/** The house whose agent signed the manifest; undefined when nobody did, or falsely. */
function checkSignature(manifest: Manifest, bundle: Bundle, say: Sentences): string | undefined {
  const { signature } = manifest;
  if (signature === undefined) {
    say.notProved.add('the manifest is not signed: anybody can have written it');
    return undefined;
  }
  const signer = bundle.agents.get(signature.key);
  if (signer === undefined) {
    say.notProved.add('the manifest is signed with a key whose certificate is not here');
    return undefined;
  }
  if (!isSignedBy(signer.certificate, toManifestText(manifest), signature.value)) {
    say.broken.add('the manifest is not the one that was signed: something in it was changed');
    return undefined;
  }
  say.proved.add(
    `the manifest is as agent ${manifest.agent ?? '(unnamed)'} signed it on ${toTimeText(manifest.madeMs)}`,
  );
  return signer.house;
}

type FileContext = ManifestCheck & {
  readonly say: Sentences;
  readonly maker: string | undefined;
  readonly chains: ReadonlyMap<string, CheckedChain>;
};

async function checkFile(context: FileContext, file: ManifestFile): Promise<void> {
  const { say, chains } = context;
  const found = await context.find(file);
  if (found === undefined) return void say.broken.add(`${file.name} is named in the manifest and not here`);
  if (file.sha256 === undefined) return void say.notProved.add(`${file.name}: the manifest does not say its hash`);
  if (found.sha256 !== file.sha256) {
    return void say.broken.add(
      `${file.name} was changed: its SHA-256 is ${found.sha256}, the manifest says ${file.sha256}`,
    );
  }
  const chain = chains.get(file.camera);
  const facts = file.facts.map((seq) => chain?.facts.get(seq));
  if (facts.length === 0 || facts.some((fact) => fact?.what.kind !== 'segment')) {
    say.notProved.add(`${file.name}: not all facts it was made of are here, so nothing says when it was recorded`);
  }
  const known = facts.filter(isSegment);
  for (const seq of file.altered ?? []) {
    say.broken.add(
      `${file.name}: when it was made, the recorded file of fact ${seq} was not the one recorded any more`,
    );
  }
  if (file.withoutFact !== undefined) {
    say.notProved.add(
      `${file.name}: ${file.withoutFact} recorded files in it were still being written and have no fact`,
    );
  }
  if (file.kind === 'segment') checkSegment(say, file, { found, facts: known });
  else checkClip(context, file);
  if (chain !== undefined && known.length > 0) vouch(say, file, { chain, seqs: known.map(({ seq }) => seq) });
}

type SegmentFact = Fact & { readonly what: FactOf<'segment'> };
const isSegment = (fact: Fact | undefined): fact is SegmentFact => fact?.what.kind === 'segment';

/** An original: its own hash stands in the chain. */
function checkSegment(
  say: Sentences,
  file: ManifestFile,
  { found, facts }: { found: NonNullable<FoundFile>; facts: readonly SegmentFact[] },
): void {
  const fact = facts[0]?.what;
  if (fact === undefined) return;
  if (fact.sha256 !== found.sha256) {
    return void say.broken.add(`${file.name} is not the file that was recorded: the fact says ${fact.sha256}`);
  }
  const how =
    fact.hashed === 'as-written' ? 'its hash was taken as it was written' : 'its hash was taken later, from the disk';
  say.proved.add(
    `${file.name} is, byte for byte, what was recorded from ${toTimeText(fact.fromMs)} to ${toTimeText(fact.toMs)}; ${how}`,
  );
  if (fact.hashed === 'read-back')
    say.notes.add(`${file.name}: between recording and hashing somebody with the box could have changed it`);
}

/** Made of originals: the agent says so, and nothing else does. */
function checkClip({ say, maker }: FileContext, file: ManifestFile): void {
  if (maker === undefined) return void say.notProved.add(`${file.name}: nobody says what it was made of`);
  say.proved.add(`${file.name} has not been changed since the agent made it`);
  say.proved.add(
    `${file.name} was made of ${file.facts.length} recorded files from ${toTimeText(file.fromMs)} to ${toTimeText(file.toMs)}, says the agent that signed`,
  );
  say.notes.add(
    'a clip is cut out of recorded files: that its pictures are theirs rests on the agent’s word; the recorded files themselves prove it',
  );
}

/** Who had seen the facts, and when. */
function vouch(
  say: Sentences,
  { name }: ManifestFile,
  { chain, seqs }: { chain: CheckedChain; seqs: readonly number[] },
): void {
  const last = Math.max(...seqs);
  const { head, receipt } = chain.vouch(last);
  if (head === undefined) say.notProved.add(`${name}: no signed head covers its facts`);
  else say.proved.add(`${name}: its facts stand in the record that the agent signed on ${toTimeText(head.atMs)}`);
  if (receipt === undefined) {
    say.notProved.add(`${name}: no witness has seen its facts, so the box alone could have written them anew`);
    return;
  }
  say.witnesses.add(
    `hub of house ${receipt.house.slice(0, 16)}…: shown fact ${receipt.seq} of ${receipt.camera} on ${toTimeText(receipt.atMs)}, entry ${receipt.entry} of its log`,
  );
  say.proved.add(`${name}: its facts were there by ${toTimeText(receipt.atMs)}, by the hub’s clock`);
  for (const seq of seqs) {
    const rule = chain.buried.get(seq);
    if (rule !== undefined) say.notes.add(`${name}: file of fact ${seq} was deleted since (${rule})`);
  }
}

/** The certificates come with the manifest: that they are this house's only the reader can know. */
function checkHouse(
  bundle: Bundle,
  houses: readonly (string | undefined)[],
  { say, known }: { say: Sentences; known: string | undefined },
): void {
  const named = new Set(houses.filter((house) => house !== undefined));
  if (named.size > 1) say.broken.add('parts of it are signed by different houses');
  for (const house of named) {
    const subject = bundle.houses.get(house);
    if (subject instanceof X509Certificate && known === house) say.proved.add('the house is the one you named');
    else if (known !== undefined) say.broken.add(`it is signed by the house ${house}, not by ${known}`);
    else {
      say.notes.add(
        `all of this is so if the house’s fingerprint is ${house}: compare it once with the house’s own page, or give it as --house`,
      );
    }
  }
}
