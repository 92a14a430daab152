import { toWallMs, type SegmentView } from '#index-store';

/** A key frame and all that follows up to the next one: fragments `first` … `end - 1` of a segment. */
export type Gop = {
  readonly segment: SegmentView;
  readonly first: number;
  readonly end: number;
  /** Within the segment. */
  readonly baseTicks: number;
  /** Up to the next key frame of the run, or the end of what there is. */
  readonly durationTicks: number;
  readonly startMs: number;
  readonly endMs: number;
  /** Nothing more will be added to it. */
  readonly whole: boolean;
};

/** The groups of pictures of these segments (in order of time) that overlap the span. */
export function toGops(segments: readonly SegmentView[], span: { fromMs: number; toMs: number }): Gop[] {
  const gops: Gop[] = [];
  for (const [index, segment] of segments.entries()) {
    for (const gop of toSegmentGops(segment, segments[index + 1])) {
      if (gop.endMs > span.fromMs && gop.startMs < span.toMs) gops.push(gop);
    }
  }
  return gops;
}

function toSegmentGops(segment: SegmentView, next: SegmentView | undefined): Gop[] {
  const { fragments } = segment;
  const keys: number[] = [];
  for (let index = 0; index < fragments.count; index++) if (fragments.key(index)) keys.push(index);
  const sameRun = next !== undefined && next.run === segment.run && next.clockRateHz === segment.clockRateHz;
  const endTicks = sameRun ? next.startTicks - segment.startTicks : segment.durationTicks;
  return keys.map((first, index) => {
    const following = keys[index + 1];
    const baseTicks = fragments.baseTicks(first);
    const durationTicks = (following === undefined ? endTicks : fragments.baseTicks(following)) - baseTicks;
    return {
      segment,
      first,
      end: following ?? fragments.count,
      baseTicks,
      durationTicks,
      startMs: toWallMs(segment, baseTicks),
      endMs: toWallMs(segment, baseTicks + durationTicks),
      whole: following !== undefined || !segment.open,
    };
  });
}
