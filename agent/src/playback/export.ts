import type { Archive } from '#archive';
import { parseTrackRates, type SegmentView } from '#index-store';
import type { Volume, VolumeReader } from '#volume';
import { HouseError } from '@porchlight/base/errors';
import type { Log } from '@porchlight/base/log';
import type { StreamName } from '@porchlight/contract/camera';
import type { CameraId } from '@porchlight/contract/ids';
import { splitFragment, writeFragment, type FragmentFrame } from '@porchlight/media/fmp4';
import { toGops, type Gop } from './gops.ts';
import { videoTrackId } from './timeline.ts';

/** One MP4 of a span, made while it is read. */
export type Export = {
  /** Where it truly starts: the last key frame at or before the time asked for. */
  readonly fromMs: number;
  /** Where it truly ends. */
  readonly toMs: number;
  /** It ends before the time asked for because the camera's picture format changed there. */
  readonly formatChanged: boolean;
  /** Pulled piece by piece: nothing is read before the receiver has room. */
  readonly body: ReadableStream<Uint8Array>;
};

type Context = { readonly archive: Archive; readonly volume: Volume; readonly log: Log };
type Place = { readonly camera: CameraId; readonly stream: StreamName; readonly fromMs: number; readonly toMs: number };

/** Audio may lie a little later in the file than the pictures it belongs to. */
const audioLateMs = 1_000;

/**
 * Opens the export of a span: fragmented MP4 on one time line that starts at 0, coded frames untouched. Gaps stay as
 * time: the last picture before a gap lasts until the next one.
 *
 * An MP4 track may have several sample descriptions, but of today's players only ffmpeg's demuxer follows a change of
 * `sample_description_index` between fragments; browsers and QuickTime decode on with the first one and show rubbish
 * or stop. So where the init section changes the export ends, says so and says where; the rest is a second export.
 * Throws `HouseError` `not-found` when the span holds nothing.
 */
export function openExport(context: Context, place: Place): Export {
  const segments = context.archive.listSegments(place.camera, place.stream, place);
  const all = toGops(segments, place);
  const first = all[0];
  if (first === undefined) {
    throw new HouseError('not-found', 'Nothing is recorded in this span', { fix: 'Choose a span with footage' });
  }
  const change = all.findIndex((gop) => gop.segment.initHash !== first.segment.initHash);
  const gops = change < 0 ? all : all.slice(0, change);
  const last = gops[gops.length - 1]!;
  const init = context.archive.findInit(first.segment.initHash);
  if (init === undefined) throw new HouseError('corrupt', 'The index has lost the format of this recording');
  const toMs = Math.min(place.toMs, last.endMs);
  return {
    fromMs: Math.round(first.startMs),
    toMs: Math.round(toMs),
    formatChanged: change >= 0,
    body: toStream(writeExport(context, { gops, init, toMs })),
  };
}

/** Pull-based: one piece per pull; cancelling closes the file being read. */
function toStream(pieces: AsyncGenerator<Uint8Array, void, undefined>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await pieces.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        await pieces.return();
      },
    },
    { highWaterMark: 1 },
  );
}

async function* writeExport(
  { volume, log }: Context,
  { gops, init, toMs }: { gops: readonly Gop[]; init: Uint8Array; toMs: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  yield init;
  const rates = parseTrackRates(init);
  const starts = toStartTicks(gops, rates.get(videoTrackId) ?? 1);
  const endTicks = ((toMs - gops[0]!.startMs) * (rates.get(videoTrackId) ?? 1)) / 1000;
  let sequenceNumber = 0;
  let reader: { segment: SegmentView; file: VolumeReader } | undefined;
  try {
    for (const [index, gop] of gops.entries()) {
      if (reader?.segment.id !== gop.segment.id) {
        await reader?.file.close();
        reader = undefined;
        const file = await openFile(volume, gop.segment, log);
        if (file === undefined) continue; // deleted meanwhile: a gap like any other
        reader = { segment: gop.segment, file };
      }
      const shiftTicks = starts[index]! - gop.baseTicks;
      const nextTicks = starts[index + 1];
      for (const fragment of fragmentsOf(gop, gops[index + 1])) {
        const bytes = await reader.file.read(
          gop.segment.fragments.offsetBytes(fragment),
          gop.segment.fragments.sizeBytes(fragment),
        );
        if (bytes.length < gop.segment.fragments.sizeBytes(fragment)) continue;
        const lastOfGop = fragment === lastVideo(gop);
        const window = { shiftTicks, endTicks, holdUntilTicks: lastOfGop ? nextTicks : undefined };
        yield* rewrite(bytes, { rates, window, sequenceNumber: ++sequenceNumber });
      }
    }
  } finally {
    await reader?.file.close();
  }
}

async function openFile(volume: Volume, segment: SegmentView, log: Log): Promise<VolumeReader | undefined> {
  try {
    return await volume.openReader(segment.path);
  } catch (error) {
    log.warn('An export goes on without a file that is gone', { path: segment.path, error });
    return undefined;
  }
}

/** Where each group of pictures starts in the export: within a run by its ticks, from run to run by wall time. */
function toStartTicks(gops: readonly Gop[], videoRateHz: number): number[] {
  const origin = gops[0]!;
  let anchor = { run: origin.segment.run, runTicks: origin.segment.startTicks + origin.baseTicks, atTicks: 0 };
  let endTicks = 0;
  return gops.map((gop) => {
    const runTicks = gop.segment.startTicks + gop.baseTicks;
    if (gop.segment.run !== anchor.run) {
      const wallTicks = Math.round(((gop.startMs - origin.startMs) * videoRateHz) / 1000);
      anchor = { run: gop.segment.run, runTicks, atTicks: Math.max(wallTicks, endTicks) };
    }
    const atTicks = anchor.atTicks + runTicks - anchor.runTicks;
    endTicks = atTicks + gop.durationTicks;
    return atTicks;
  });
}

/** Its fragments; behind the last group of pictures also those that may hold audio of its time. */
function* fragmentsOf(gop: Gop, next: Gop | undefined): Generator<number, void, undefined> {
  const { fragments, clockRateHz } = gop.segment;
  for (let index = gop.first; index < gop.end; index++) yield index;
  if (next !== undefined) return;
  const limitTicks = gop.baseTicks + gop.durationTicks + (audioLateMs * clockRateHz) / 1000;
  for (let index = gop.end; index < fragments.count && fragments.baseTicks(index) < limitTicks; index++) yield index;
}

function lastVideo({ segment, first, end }: Gop): number {
  let last = end - 1;
  while (last > first && segment.fragments.durationTicks(last) === 0) last--;
  return last;
}

type Rewrite = {
  readonly rates: ReadonlyMap<number, number>;
  readonly window: {
    readonly shiftTicks: number;
    readonly endTicks: number;
    readonly holdUntilTicks: number | undefined;
  };
  readonly sequenceNumber: number;
};

/**
 * A fragment moved to its place, without samples before the start or from the end on. Samples are views of `bytes`.
 * Pictures are left out from the end of a fragment only, in decode order, so that none loses its reference.
 */
function rewrite(bytes: Uint8Array, { rates, window, sequenceNumber }: Rewrite): Uint8Array[] {
  const videoRateHz = rates.get(videoTrackId) ?? 1;
  const byTrack = new Map<number, (FragmentFrame & { durationTicks: number })[]>();
  for (const sample of splitFragment(bytes)) {
    const rateHz = rates.get(sample.trackId) ?? videoRateHz;
    const shiftTicks = Math.round((window.shiftTicks * rateHz) / videoRateHz);
    const moved = { ...sample, dtsTicks: sample.dtsTicks + shiftTicks, ptsTicks: sample.ptsTicks + shiftTicks };
    const endTicks = (window.endTicks * rateHz) / videoRateHz;
    if (moved.dtsTicks < 0 || moved.dtsTicks >= endTicks) continue;
    const samples = byTrack.get(sample.trackId) ?? [];
    samples.push(moved);
    byTrack.set(sample.trackId, samples);
  }
  const lastPicture = byTrack.get(videoTrackId)?.at(-1);
  if (lastPicture !== undefined && window.holdUntilTicks !== undefined) {
    lastPicture.durationTicks = Math.max(1, window.holdUntilTicks - lastPicture.dtsTicks);
  }
  if (byTrack.size === 0) return [];
  const tracks = [...byTrack].map(([trackId, samples]) => ({
    trackId,
    baseDecodeTicks: samples[0]!.dtsTicks,
    samples: samples.map((sample) => ({
      sizeBytes: sample.data.length,
      durationTicks: sample.durationTicks,
      compositionOffsetTicks: sample.ptsTicks - sample.dtsTicks,
      key: sample.key,
      reference: sample.reference,
    })),
  }));
  const pieces = [writeFragment({ sequenceNumber, tracks })];
  for (const samples of byTrack.values()) for (const sample of samples) pieces.push(sample.data);
  return pieces;
}
