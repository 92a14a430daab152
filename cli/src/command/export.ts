import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, rmSync, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { parseArgs } from 'node:util';
import { UsageError } from '#start';
import { manifestSchema } from '@porchlight/contract/proof';
import { exportByJob } from './export-job.ts';
import { openHouse, type House } from './house.ts';

export const exportHelp = `porchlight export CAMERA... --from TIME --to TIME [options]   Save footage as MP4, not re-encoded.

  CAMERA              the camera's id, as in its page's address; several make one file each, with a manifest
  --from, --to TIME   2026-11-20T08:00:00 (local), with Z or an offset, or milliseconds UTC
  --out FILE          file to write (default CAMERA-FROM.mp4); of several cameras the folder, of --zip the zip
  --stream main|sub   which stream (default main); may be given twice
  --zip               all files and their manifest as one zip
  --proof             save its manifest beside it as FILE.proof.json, for porchlight verify
  --data DIR          data folder of the house (default ./data)`;

/** A point in time from what a person types, in milliseconds UTC. */
export function parseTimeMs(text: string): number {
  const timeMs = /^\d{10,}$/.test(text) ? Number(text) : Date.parse(text);
  if (!Number.isFinite(timeMs)) {
    throw new UsageError(`"${text}" is not a time: give 2026-11-20T08:00:00, with Z for UTC, or milliseconds.`);
  }
  return timeMs;
}

/** Downloads a span. The file appears under its name only when complete. */
export async function exportSpan(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      data: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      out: { type: 'string' },
      stream: { type: 'string', multiple: true, default: [] },
      zip: { type: 'boolean', default: false },
      proof: { type: 'boolean', default: false },
    },
  });
  const [camera] = positionals;
  if (camera === undefined || values.from === undefined || values.to === undefined) {
    throw new UsageError('Give a camera and a span: porchlight export front-door --from TIME --to TIME');
  }
  const [fromMs, toMs] = [parseTimeMs(values.from), parseTimeMs(values.to)];
  const { stream: streams, zip, out } = values;
  const house = openHouse(values.data);
  if (positionals.length > 1 || streams.length > 1 || zip) {
    const wish = { cameras: positionals, streams: streams.length === 0 ? ['main'] : streams };
    return exportByJob(house, { ...wish, fromMs, toMs, zip, out });
  }
  const query = new URLSearchParams({ from: String(fromMs), to: String(toMs) });
  if (streams[0] !== undefined) query.set('stream', streams[0]);
  return exportClip(house, { camera, query, out, proof: values.proof });
}

type ClipWish = {
  readonly camera: string;
  readonly query: URLSearchParams;
  readonly out: string | undefined;
  readonly proof: boolean;
};

/** One camera's span, as it comes from the house. */
async function exportClip(house: House, { camera, query, out, proof }: ClipWish): Promise<number> {
  const response = await house.fetch(`/api/cameras/${encodeURIComponent(camera)}/export.mp4?${query.toString()}`);
  const trueFromMs = Number(response.headers.get('porchlight-from-ms') ?? query.get('from'));
  const stamp = new Date(trueFromMs).toISOString().replace(/[:.]/g, '-');
  const file = out ?? `${camera}-${stamp}.mp4`;
  const target = createWriteStream(file, { flags: 'wx' });
  try {
    await pipeline(Readable.fromWeb(response.body as ReadableStream<Uint8Array>), target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new UsageError(`${file} is there already: name another with --out.`);
    rmSync(file, { force: true });
    throw error;
  }
  process.stdout.write(`Saved ${file}: ${target.bytesWritten} bytes from ${new Date(trueFromMs).toISOString()}.\n`);
  if (proof) await saveManifest(house, { camera, query, file });
  return 0;
}

/** The house makes the clip once more to vouch for it; both are the same while nothing in the span grows. */
async function saveManifest(
  house: House,
  { camera, query, file }: { camera: string; query: URLSearchParams; file: string },
): Promise<void> {
  const path = `/api/cameras/${encodeURIComponent(camera)}/export.proof.json?${query.toString()}`;
  const text = await (await house.fetch(path)).text();
  const manifest = manifestSchema.parse(JSON.parse(text));
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  if (manifest.files[0]?.sha256 !== hash.digest('hex')) {
    throw new Error(`${file} is saved, but its span was still growing: export it again with --proof in a minute.`);
  }
  writeFileSync(`${file}.proof.json`, text, { flag: 'wx' });
  process.stdout.write(`Saved ${file}.proof.json: check both with npx porchlight verify ${file}\n`);
}
