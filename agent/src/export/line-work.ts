import { setImmediate } from 'node:timers/promises';
import { findAltered, openExport, type Export } from '#playback';
import { HouseError } from '@porchlight/base/errors';
import { toStamp, type Job, type JobLine } from './job.ts';
import { toReserveBytes, type JobParts } from './job-parts.ts';
import { writeBody } from './write-body.ts';

/** One file holds at most so much; it bounds what is looked up at once. */
const partMs = 86_400_000;
/** The index is asked for so much at a time, between other work of the agent. */
const lookMs = 6 * 3_600_000;

export type Work = {
  readonly job: Job;
  readonly signal: AbortSignal;
  /** Bytes of the file that is being written. */
  readonly onBytes: (sizeBytes: number) => void;
  /** The job has come further and is to be remembered so. */
  readonly onStep: () => void;
};

/** Bytes that are recorded of what is still to be made. */
export async function measureRest({ archive }: Pick<JobParts, 'archive'>, { job, signal }: Work): Promise<number> {
  let bytes = 0;
  for (const { camera, stream, nextMs, done } of job.lines) {
    for (let fromMs = nextMs; !done && fromMs < job.toMs; fromMs += lookMs) {
      const span = { fromMs, toMs: Math.min(fromMs + lookMs, job.toMs) };
      for (const segment of archive.listSegments(camera, stream, span)) {
        const last = segment.fragments.count - 1;
        if (last < 0) continue;
        const sizeBytes = segment.fragments.offsetBytes(last) + segment.fragments.sizeBytes(last);
        const sharedMs = Math.min(segment.endMs, span.toMs) - Math.max(segment.startMs, span.fromMs);
        bytes += (sizeBytes * sharedMs) / Math.max(1, segment.endMs - segment.startMs);
      }
      await setImmediate();
      signal.throwIfAborted();
    }
  }
  return Math.ceil(bytes);
}

/** Makes the files of a camera's stream, from where it stands to the end. A file begins anew where the picture format changes, and each day. */
export async function makeLine(parts: JobParts, work: Work, line: JobLine): Promise<void> {
  const { job, signal, onStep } = work;
  const { camera, stream } = line;
  while (line.nextMs < job.toMs) {
    signal.throwIfAborted();
    const place = { camera, stream, fromMs: line.nextMs, toMs: Math.min(line.nextMs + partMs, job.toMs) };
    const made = tryOpen(parts, place);
    if (made === undefined) line.nextMs = place.toMs;
    else {
      job.clips.push(await makeClip(parts, work, { line, made }));
      // A millisecond behind the rounded end, or the last group of pictures would come again.
      line.nextMs = made.formatChanged ? Math.max(line.nextMs, made.toMs) + 1 : place.toMs;
    }
    onStep();
    await setImmediate();
  }
  line.done = true;
  onStep();
}

function tryOpen(parts: JobParts, place: Parameters<typeof openExport>[1]): Export | undefined {
  try {
    return openExport(parts, place);
  } catch (error) {
    if (error instanceof HouseError && error.kind === 'not-found') return undefined;
    throw error;
  }
}

type Begun = { readonly line: JobLine; readonly made: Export };

async function makeClip(parts: JobParts, work: Work, { line, made }: Begun): Promise<Job['clips'][number]> {
  const { archive, folder, pace } = parts;
  const { job, signal, onBytes } = work;
  const { camera, stream } = line;
  const { fromMs, toMs, body } = made;
  const before = job.clips.filter((clip) => clip.camera === camera && clip.stream === stream).length;
  const part = before === 0 ? '' : `_part${before + 1}`;
  const name = `${camera}_${stream}_${toStamp(fromMs)}_${toStamp(toMs)}${part}.mp4`;
  const room = async (): Promise<number> => {
    const { freeBytes, totalBytes } = await folder.space();
    // What was checked before may be gone by now; half of the reserve is not touched in any case.
    return freeBytes - toReserveBytes(totalBytes) / 2;
  };
  const written = await writeBody(body, folder.pathOf(job.id, name), { pace, signal, room, onBytes });
  const used = archive.listSegments(camera, stream, { fromMs, toMs });
  const eachBytes = written.sizeBytes / Math.max(1, used.length);
  const altered = await findAltered(parts, used, () => pace.take(eachBytes, signal));
  return { name, camera, stream, fromMs, toMs, ...written, segments: used.map(({ id }) => id), altered };
}
