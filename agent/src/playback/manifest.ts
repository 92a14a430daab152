import { createHash } from 'node:crypto';
import type { Archive } from '#archive';
import type { ChainStore } from '#chain';
import { makeManifest, type Notary } from '#proof';
import { hashFile, isMissing, type Volume } from '#volume';
import type { Clock } from '@porchlight/base/clock';
import type { Log } from '@porchlight/base/log';
import type { StreamName } from '@porchlight/contract/camera';
import type { CameraId } from '@porchlight/contract/ids';
import type { Manifest } from '@porchlight/contract/proof';
import { openExport } from './export.ts';

/** What vouches for footage. */
export type FootageRecord = {
  readonly chain: ChainStore;
  readonly notary: Pick<Notary, 'seal' | 'agentId'>;
};

export type ManifestParts = {
  readonly archive: Archive;
  readonly volume: Volume;
  readonly clock: Clock;
  readonly log: Log;
  readonly record: FootageRecord;
};

type Place = { readonly camera: CameraId; readonly stream: StreamName; readonly fromMs: number; readonly toMs: number };

const receiptMs = 2_000;
const lookMs = 50;

/** The file name of an export. */
export function toExportName(camera: CameraId, { fromMs, toMs }: { fromMs: number; toMs: number }): string {
  const name = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replaceAll(':', '-');
  return `${camera}_${name(fromMs)}Z_${name(toMs)}Z.mp4`;
}

/**
 * The manifest of the export of a span: the export is made once more and hashed, the recorded files behind it are read and compared with their
 * facts, the chain is sealed now and shown to the hub. Throws `HouseError` `not-found` when the span holds nothing.
 */
export async function makeExportManifest(parts: ManifestParts, place: Place): Promise<Manifest> {
  const { archive, record, clock } = parts;
  const { camera, stream } = place;
  const made = openExport(parts, place);
  const { fromMs, toMs } = made;
  const used = archive.listSegments(camera, stream, { fromMs, toMs });
  const clip = await hashStream(made.body);
  const altered = await findAltered(parts, used);
  await record.notary.seal([camera]);
  await waitForReceipt(parts, camera);
  const { gaps } = archive.findSpans(camera, fromMs, toMs);
  const file = {
    ...{ name: toExportName(camera, made), kind: 'clip' as const, camera, stream, fromMs, toMs, ...clip },
    ...(altered.length === 0 ? {} : { altered }),
    ...(gaps.length === 0 ? {} : { gaps }),
    segments: used.map(({ id }) => id),
  };
  return makeManifest({ chain: record.chain, agent: record.notary.agentId, nowMs: clock.nowMs() }, [file]);
}

async function hashStream(body: ReadableStream<Uint8Array>): Promise<{ sha256: string; sizeBytes: number }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const piece of body) {
    hash.update(piece);
    sizeBytes += piece.length;
  }
  return { sha256: hash.digest('hex'), sizeBytes };
}

/** Facts whose file is gone or not the recorded one any more. `pace` is waited for before each file. */
export async function findAltered(
  { record: { chain }, volume }: Pick<ManifestParts, 'record' | 'volume'>,
  segments: readonly { readonly id: number; readonly path: string; readonly camera: CameraId }[],
  pace: () => Promise<void> = () => Promise.resolve(),
): Promise<number[]> {
  const altered: number[] = [];
  for (const { id, path, camera } of segments) {
    await pace();
    const seq = chain.findSeq(id);
    const what = seq === undefined ? undefined : chain.find(camera, seq)?.fact.what;
    if (seq === undefined || what?.kind !== 'segment') continue;
    const sha256 = await hashFile(volume, path).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    if (sha256 !== what.sha256) altered.push(seq);
  }
  return altered;
}

/** A hub that is there confirms within a moment; without it the manifest goes without. */
export async function waitForReceipt(
  { record: { chain }, clock }: Pick<ManifestParts, 'record' | 'clock'>,
  camera: CameraId,
): Promise<void> {
  const untilMs = clock.monotonicMs() + receiptMs;
  while (clock.monotonicMs() < untilMs) {
    const last = chain.findLastHead(camera);
    if (last === undefined || last.receipt !== undefined) return;
    await clock.sleep(lookMs);
  }
}
