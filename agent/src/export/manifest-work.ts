import { waitForReceipt } from '#playback';
import { makeManifest, signManifest } from '#proof';
import type { StreamName } from '@porchlight/contract/camera';
import type { Manifest, ManifestExport } from '@porchlight/contract/proof';
import { toOffsetMinutes } from '@porchlight/contract/recording-plan';
import type { Gap, Recordings } from '@porchlight/contract/recordings';
import type { Job } from './job.ts';
import type { JobParts } from './job-parts.ts';

/** Two runs may meet within a picture's length. */
const leastGapMs = 250;
const hourMs = 3_600_000;

/** The manifest of a job whose clips are made: hashes, facts, gaps, time zone, clocks. Signed where the agent has a key. */
export async function makeJobManifest(parts: JobParts, job: Job): Promise<Manifest> {
  const { record, clock, archive, timeZone } = parts;
  await record.notary.seal(job.cameras);
  await Promise.all(job.cameras.map((camera) => waitForReceipt(parts, camera)));
  const files = job.clips.map(({ altered, ...clip }) => {
    const { camera, stream, fromMs, toMs } = clip;
    const gaps = toGapsOf(archive.findSpans(camera, fromMs, toMs), { stream, fromMs, toMs });
    return {
      ...{ ...clip, kind: 'clip' as const },
      ...(altered.length === 0 ? {} : { altered }),
      ...(gaps.length === 0 ? {} : { gaps }),
    };
  });
  const options = { chain: record.chain, agent: record.notary.agentId, nowMs: clock.nowMs(), timeZone };
  return signManifest(record.chain, { ...makeManifest(options, files), export: report(parts, job) });
}

function report({ archive, timeZone, findClockOffset, isSynchronized }: JobParts, job: Job): ManifestExport {
  const { fromMs, toMs } = job;
  const synchronized = isSynchronized();
  return {
    ...{ fromMs, toMs },
    lines: job.lines.map(({ camera, stream }) => ({
      ...{ camera, stream },
      files: job.clips.filter((clip) => clip.camera === camera && clip.stream === stream).length,
      gaps: toGapsOf(archive.findSpans(camera, fromMs, toMs), { stream, fromMs, toMs }),
    })),
    zoneOffsets: toZoneOffsets(timeZone, { fromMs, toMs }),
    clocks: {
      ...(synchronized === undefined ? {} : { synchronized }),
      cameras: job.cameras.map((camera) => {
        const offsetMs = findClockOffset(camera);
        return { camera, ...(offsetMs === undefined ? {} : { offsetMs }) };
      }),
    },
  };
}

type Asked = { readonly stream: StreamName; readonly fromMs: number; readonly toMs: number };

/** Holes of one stream with the reasons that are known; those of the other stream say nothing where this one has footage. */
export function toGapsOf({ spans, gaps }: Recordings, { stream, fromMs, toMs }: Asked): Gap[] {
  const found: Gap[] = [];
  const explain = (hole: { fromMs: number; toMs: number }): void => {
    if (hole.toMs - hole.fromMs < leastGapMs) return;
    let at = hole.fromMs;
    for (const gap of gaps) {
      const [beginMs, endMs] = [Math.max(gap.fromMs, at), Math.min(gap.toMs, hole.toMs)];
      if (endMs <= beginMs) continue;
      if (beginMs > at) found.push({ fromMs: at, toMs: beginMs, reason: 'unknown' });
      found.push({ fromMs: beginMs, toMs: endMs, reason: gap.reason });
      at = endMs;
    }
    if (at < hole.toMs) found.push({ fromMs: at, toMs: hole.toMs, reason: 'unknown' });
  };
  let at = fromMs;
  for (const span of spans) {
    if (span.stream !== stream) continue;
    explain({ fromMs: at, toMs: Math.round(span.fromMs) });
    at = Math.max(at, Math.round(span.toMs));
  }
  explain({ fromMs: at, toMs });
  return found;
}

/** Offsets of a zone over a span. Zones change theirs on whole quarters of an hour. */
export function toZoneOffsets(
  timeZone: string,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): ManifestExport['zoneOffsets'] {
  const offsets = [{ fromMs, minutes: toOffsetMinutes(timeZone, fromMs) }];
  const stepMs = hourMs / 4;
  for (let atMs = fromMs - (fromMs % stepMs) + stepMs; atMs < toMs; atMs += stepMs) {
    const minutes = toOffsetMinutes(timeZone, atMs);
    if (minutes !== offsets.at(-1)!.minutes) offsets.push({ fromMs: atMs, minutes });
  }
  return offsets;
}
