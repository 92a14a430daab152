import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { chainFolder } from '#proof';
import { openDiskVolume } from '#volume';
import { HouseError } from '@porchlight/base/errors';
import { witnessStatementSchema, type ManifestFile, type WitnessStatement } from '@porchlight/contract/proof';
import { checkArchive } from './check-archive.ts';
import { checkManifest, type FoundFile } from './check-manifest.ts';
import type { Verification } from './verdict.ts';

export type VerifyOptions = {
  /** A clip, a manifest, a folder with manifests, or an archive's folder. */
  readonly path: string;
  /** Answers of `/api/cameras/{id}/proof`, saved as files: what the hub has written down, from the hub itself. */
  readonly statements?: readonly string[];
  readonly house?: string | undefined;
};

const manifestEnd = '.proof.json';
const longestManifestBytes = 512 << 20;

/** Checks what lies at a path, without a house and without a network. Throws `HouseError` `invalid` where there is nothing to check. */
export async function verify({ path, statements = [], house }: VerifyOptions): Promise<Verification> {
  const known = { statements: statements.map(readStatement), ...(house === undefined ? {} : { house }) };
  const at = resolve(path);
  if (!existsSync(at)) throw nothing(`There is no ${path}`, 'Give a clip, its manifest, or a folder.');
  if (statSync(at).isDirectory() && existsSync(join(at, chainFolder))) {
    return checkArchive({ volume: openDiskVolume(at), ...known });
  }
  const manifests = findManifests(at);
  if (manifests.length === 0) {
    throw nothing(
      `There is no manifest for ${path}`,
      `It is a file that ends in ${manifestEnd} and comes with the export.`,
    );
  }
  const found: Verification[] = [];
  for (const manifest of manifests) {
    const value = readJson(manifest);
    const find = async (file: ManifestFile): Promise<FoundFile> =>
      (await findFile(dirname(manifest), file)) ?? (isAlone(value) ? readFound(toClip(manifest, at)) : undefined);
    found.push(await checkManifest({ value, find, ...known }));
  }
  return found.length === 1 ? found[0]! : joinAll(found);
}

const nothing = (message: string, fix: string): HouseError => new HouseError('invalid', message, { fix });

/** Beside a clip, named after it; all of a folder. */
function findManifests(at: string): string[] {
  if (statSync(at).isDirectory()) {
    return readdirSync(at)
      .filter((name) => name.endsWith(manifestEnd))
      .sort()
      .map((name) => join(at, name));
  }
  if (at.endsWith('.json')) return [at];
  return [`${at}${manifestEnd}`, at.replace(/\.[^.]+$/, manifestEnd)].filter((name) => existsSync(name)).slice(0, 1);
}

function readJson(path: string): unknown {
  if (statSync(path).size > longestManifestBytes) throw nothing(`${path} is too long`, 'Give a manifest.');
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch (cause) {
    throw new HouseError('invalid', `${path} is no JSON`, {
      fix: 'Give the manifest as it came with the export.',
      cause,
    });
  }
}

function readStatement(path: string): WitnessStatement {
  const parsed = witnessStatementSchema.safeParse(readJson(resolve(path)));
  if (parsed.success) return parsed.data;
  throw nothing(`${path} is not what a hub has written down`, 'Save the answer of /api/cameras/ID/proof.');
}

/** A clip may have been given another name; then its manifest has it too. */
function toClip(manifest: string, given: string): string {
  return given.endsWith('.json') || statSync(given).isDirectory() ? manifest.slice(0, -manifestEnd.length) : given;
}

function isAlone(value: unknown): boolean {
  const { files } = (value ?? {}) as { files?: unknown };
  return Array.isArray(files) && files.length === 1;
}

/** A name in a manifest may not lead out of the manifest's folder. */
async function findFile(folder: string, { name }: ManifestFile): Promise<FoundFile> {
  const path = resolve(folder, name);
  return path.startsWith(folder + sep) ? readFound(path) : undefined;
}

async function readFound(path: string): Promise<FoundFile> {
  if (!existsSync(path) || !statSync(path).isFile()) return undefined;
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer);
    sizeBytes += (chunk as Buffer).length;
  }
  return { sizeBytes, sha256: hash.digest('hex') };
}

function joinAll(found: readonly Verification[]): Verification {
  const worst = (['broken', 'open', 'proved'] as const).find((verdict) =>
    found.some((one) => one.verdict === verdict),
  )!;
  const all = (name: 'proved' | 'notProved' | 'broken' | 'notes' | 'witnesses'): string[] => [
    ...new Set(found.flatMap((one) => one[name])),
  ];
  return {
    ...{ v: 1, verdict: worst, files: found.reduce((sum, { files }) => sum + files, 0) },
    ...{ proved: all('proved'), notProved: all('notProved'), broken: all('broken') },
    ...{ notes: all('notes'), witnesses: all('witnesses') },
  };
}
