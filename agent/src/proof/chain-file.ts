import { appendLines, type Volume, type VolumeReader } from '#volume';
import { HouseError } from '@porchlight/base/errors';
import { cameraIdSchema, type CameraId } from '@porchlight/contract/ids';
import {
  factSchema,
  signatureSchema,
  digestSchema,
  signedHeadSchema,
  signedReceiptSchema,
  type Fact,
  type SignedHead,
  type SignedReceipt,
} from '@porchlight/contract/proof';
import { z } from 'zod';

/** Folder of chain files on a volume; no camera can be called so. */
export const chainFolder = '.proof';

const lineSchema = z.union([
  z.object({ fact: factSchema, signature: signatureSchema.optional(), key: digestSchema.optional() }),
  signedHeadSchema,
  signedReceiptSchema,
  z.object({ certificate: z.string().max(8_192), role: z.enum(['agent', 'witness', 'house']) }),
]);
/** One line of a chain file: JSON. */
export type ChainLine = z.infer<typeof lineSchema>;

/** What a chain file holds, sorted by kind. */
export type ChainLines = {
  readonly entries: { fact: Fact; signature?: string | undefined; key?: string | undefined }[];
  readonly heads: SignedHead[];
  readonly receipts: SignedReceipt[];
  readonly certificates: { certificate: string; role: 'agent' | 'witness' | 'house' }[];
  /** Lines that make no sense: cut off by a power cut when they are the last, tampering otherwise. */
  badLines: number;
};

const longestFileBytes = 256 << 20;

/** The file of a camera and a day (UTC): `.proof/front-door/2026-11-20.jsonl`. */
export function toChainPath(camera: CameraId, atMs: number): string {
  return `${chainFolder}/${camera}/${new Date(atMs).toISOString().slice(0, 10)}.jsonl`;
}

/** Appends lines and makes them durable. */
export function appendChainLines(volume: Volume, path: string, lines: readonly ChainLine[]): Promise<void> {
  return appendLines(
    volume,
    path,
    lines.map((line) => JSON.stringify(line)),
  );
}

/** Cameras that have chain files, and the files of one, oldest first. */
export async function listChainCameras(volume: Volume): Promise<CameraId[]> {
  const entries = await volume.list(chainFolder);
  return entries.flatMap(({ name, folder }) => {
    const camera = cameraIdSchema.safeParse(name);
    return folder && camera.success ? [camera.data] : [];
  });
}

export async function listChainFiles(volume: Volume, camera: CameraId): Promise<string[]> {
  const entries = await volume.list(`${chainFolder}/${camera}`);
  return entries
    .filter(({ name }) => /^\d{4}-\d\d-\d\d\.jsonl$/.test(name))
    .map(({ name }) => `${chainFolder}/${camera}/${name}`);
}

const tailBytes = 64 << 10;

/** The last head in a camera's chain files; looks at ends of files only, so that a start does not wait for it. */
export async function findLastHead(volume: Volume, camera: CameraId): Promise<SignedHead | undefined> {
  for (const path of (await listChainFiles(volume, camera)).reverse()) {
    const reader = await volume.openReader(path);
    try {
      const startBytes = Math.max(0, reader.sizeBytes - tailBytes);
      const text = Buffer.from(await reader.read(startBytes, tailBytes)).toString('utf8');
      const head = parseChainLines(text).heads.at(-1) ?? parseChainLines(await readText(reader)).heads.at(-1);
      if (head !== undefined) return head;
    } finally {
      await reader.close();
    }
  }
  return undefined;
}

/** Reads a chain file of a volume. */
export async function readChainFile(volume: Volume, path: string): Promise<ChainLines> {
  const reader = await volume.openReader(path);
  try {
    return parseChainLines(await readText(reader));
  } finally {
    await reader.close();
  }
}

async function readText(reader: VolumeReader): Promise<string> {
  if (reader.sizeBytes > longestFileBytes) throw new HouseError('corrupt', 'A chain file is too long to be one');
  return Buffer.from(await reader.read(0, reader.sizeBytes)).toString('utf8');
}

/** Takes any text; what is no line of a chain is counted. Facts that stand there twice are given once. */
export function parseChainLines(text: string): ChainLines {
  const found: ChainLines = { entries: [], heads: [], receipts: [], certificates: [], badLines: 0 };
  const seen = new Set<string>();
  for (const line of text.split('\n')) {
    if (line === '' || seen.has(line)) continue;
    seen.add(line);
    const parsed = lineSchema.safeParse(parseJson(line));
    if (!parsed.success) found.badLines++;
    else sortIn(found, parsed.data, line);
  }
  return found;
}

function sortIn(found: ChainLines, data: ChainLine, line: string): void {
  // The values as they stood there, not as the schema gives them: a hash is over every name.
  const raw = JSON.parse(line) as ChainLine;
  if ('fact' in raw) found.entries.push(raw);
  else if ('head' in data) found.heads.push(raw as SignedHead);
  else if ('receipt' in data) found.receipts.push(raw as SignedReceipt);
  else if ('certificate' in data) found.certificates.push(data);
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
