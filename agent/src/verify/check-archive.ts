import { checkChain, openBundle, toFirstLink, type ChainPiece, type CheckedChain } from '#chain';
import { listChainCameras, listChainFiles, readChainFile, type ChainLines } from '#proof';
import { hashFile, isMissing, parseSegmentPath, type Volume } from '#volume';
import type { CameraId } from '@porchlight/contract/ids';
import type { WitnessStatement } from '@porchlight/contract/proof';
import { noteConflicts } from './check-manifest.ts';
import { Sentences, toTimeText, type Verification } from './verdict.ts';

export type ArchiveCheck = {
  /** A folder of footage with its chain files, or a copy of one. */
  readonly volume: Volume;
  readonly statements?: readonly WitnessStatement[];
  readonly house?: string;
};

/** Checks a folder of recorded files against the chain files beside them, both ways. Nothing is changed and nobody asked. */
export async function checkArchive({ volume, statements = [], house }: ArchiveCheck): Promise<Verification> {
  const say = new Sentences();
  const known = new Set<string>();
  let files = 0;
  for (const camera of await listChainCameras(volume)) {
    const lines = await readLines(volume, camera);
    const said = statements.filter((statement) => statement.camera === camera);
    noteConflicts(
      said.flatMap(({ entries }) => entries),
      say,
    );
    const bundle = openBundle([
      ...lines.certificates.map(({ certificate }) => certificate),
      ...said.flatMap(({ certificates }) => certificates),
    ]);
    const piece = toPiece(camera, lines, say);
    const extra = said.flatMap(({ entries }) => entries.flatMap(({ receipt }) => receipt ?? []));
    const checked = checkChain({ ...piece, receipts: [...piece.receipts, ...extra] }, bundle);
    say.take(checked.findings);
    noteHouses(checked, { house, say });
    files += await checkFiles(volume, checked, { say, known });
  }
  await noteStrangers(volume, { say, known });
  return say.toVerification(files);
}

async function readLines(volume: Volume, camera: CameraId): Promise<ChainLines> {
  const all: ChainLines = { entries: [], heads: [], receipts: [], certificates: [], badLines: 0 };
  const seen = new Map<number, string>();
  for (const path of await listChainFiles(volume, camera)) {
    const lines = await readChainFile(volume, path);
    all.badLines += lines.badLines;
    for (const entry of lines.entries) {
      const text = JSON.stringify(entry.fact);
      if (seen.get(entry.fact.seq) === text) continue; // written twice around a crash
      seen.set(entry.fact.seq, text);
      all.entries.push(entry);
    }
    all.heads.push(...lines.heads);
    all.receipts.push(...lines.receipts);
    all.certificates.push(...lines.certificates);
  }
  return all;
}

/** The chain from its first fact on; where the beginning is not here, from the first head on. */
function toPiece(camera: CameraId, lines: ChainLines, say: Sentences): ChainPiece {
  if (lines.badLines > 0) say.notes.add(`${camera}: ${lines.badLines} lines of its chain files cannot be read`);
  const entries = lines.entries.map(({ fact, signature, key }) => ({
    fact,
    ...(signature === undefined ? {} : { signature }),
    ...(key === undefined ? {} : { key }),
  }));
  const { heads, receipts } = lines;
  if (entries[0] === undefined || entries[0].fact.seq === 1) {
    return { camera, after: { seq: 0, link: toFirstLink(camera) }, entries, heads, receipts };
  }
  const from = heads[0]?.head ?? { seq: entries.at(-1)!.fact.seq, link: '0'.repeat(64) };
  say.notProved.add(`${camera}: the beginning of its record, up to fact ${from.seq}, is not here`);
  const rest = entries.filter(({ fact }) => fact.seq > from.seq);
  return { camera, after: { seq: from.seq, link: from.link }, entries: rest, heads, receipts };
}

function noteHouses(checked: CheckedChain, { house, say }: { house: string | undefined; say: Sentences }): void {
  for (const found of checked.houses) {
    if (house === undefined)
      say.notes.add(`signed by the house with the fingerprint ${found}: compare it, or give it as --house`);
    else if (house !== found) say.broken.add(`${checked.camera} is signed by the house ${found}, not by ${house}`);
  }
}

type Saying = { readonly say: Sentences; readonly known: Set<string> };

/** Each fact that nobody buried has its file, and the file its hash. */
async function checkFiles(volume: Volume, checked: CheckedChain, { say, known }: Saying): Promise<number> {
  const { camera } = checked;
  let right = 0;
  let span = { fromMs: Infinity, toMs: 0 };
  let last = 0;
  for (const [seq, { what }] of checked.facts) {
    if (what.kind === 'tombstone' && what.rule === 'missing') {
      say.notProved.add(`${what.path} was gone when the agent looked for it: nobody here says who deleted it`);
    }
    if (what.kind !== 'segment' || checked.buried.has(seq)) continue;
    known.add(what.path);
    const sha256 = await hashOf(volume, what.path);
    if (sha256 === undefined) say.broken.add(`${what.path} is gone, and no tombstone says why`);
    else if (sha256 !== what.sha256) say.broken.add(`${what.path} was changed: its SHA-256 is not the recorded one`);
    else {
      right++;
      last = Math.max(last, seq);
      span = { fromMs: Math.min(span.fromMs, what.fromMs), toMs: Math.max(span.toMs, what.toMs) };
    }
  }
  if (right === 0) return 0;
  say.proved.add(
    `${camera}: ${right} files are, byte for byte, what was recorded, from ${toTimeText(span.fromMs)} to ${toTimeText(span.toMs)}`,
  );
  const { head } = checked.vouch(last);
  if (head === undefined) say.notProved.add(`${camera}: the last facts are not signed yet`);
  noteWitness(checked, { say, last });
  return right;
}

/** How far a witness stands for it: what came later is the box's word alone. */
function noteWitness(checked: CheckedChain, { say, last }: { say: Sentences; last: number }): void {
  const seqs = [...checked.facts.keys()];
  const covered = seqs.filter((seq) => checked.vouch(seq).receipt !== undefined);
  const upTo = Math.max(0, ...covered);
  const receipt = upTo === 0 ? undefined : checked.vouch(upTo).receipt;
  if (receipt !== undefined) {
    say.witnesses.add(
      `hub of house ${receipt.house.slice(0, 16)}…: shown ${receipt.seq} facts of ${checked.camera} by ${toTimeText(receipt.atMs)}, entry ${receipt.entry} of its log`,
    );
  }
  if (upTo < last) {
    say.notProved.add(
      `${checked.camera}: no witness has seen facts ${upTo + 1} to ${last}, so the box alone could have written them anew`,
    );
  }
}

async function hashOf(volume: Volume, path: string): Promise<string | undefined> {
  try {
    return await hashFile(volume, path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Files that no fact speaks of: new ones, whose hour is not over, or ones that somebody put there. */
async function noteStrangers(volume: Volume, { say, known }: Saying): Promise<void> {
  let strangers = 0;
  for (const camera of await volume.list('')) {
    if (!camera.folder || camera.name === 'quarantine' || camera.name.startsWith('.')) continue;
    for (const stream of await volume.list(camera.name)) {
      for (const day of stream.folder ? await volume.list(`${camera.name}/${stream.name}`) : []) {
        const folder = `${camera.name}/${stream.name}/${day.name}`;
        for (const { name } of day.folder ? await volume.list(folder) : []) {
          const path = `${folder}/${name}`;
          if (parseSegmentPath(path) !== undefined && !known.has(path)) strangers++;
        }
      }
    }
  }
  if (strangers > 0)
    say.notProved.add(`${strangers} files have no fact: recorded in the last hour, or put there by somebody`);
}
