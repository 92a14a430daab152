import type { CodedFrame, TrackDescription } from '#frame';
import type { Movie } from './movie.ts';
import type { SampleTable } from './sample-table.ts';

/** One frame of a loop and when it is to be sent. */
export type LoopFrame = {
  readonly frame: CodedFrame;
  /** Decode time in the track's ticks, on the same endless time line as `frame.ptsTicks`. */
  readonly dtsTicks: number;
  /** Decode time in milliseconds since the loop was opened, with fractions. */
  readonly dueMs: number;
};

/** A movie without end. */
export type Loop = {
  readonly tracks: readonly TrackDescription[];
  /** Length of one round. */
  readonly durationMs: number;
  /** The next frame in order of decode time over all tracks. Throws what `Movie.readSample` throws. */
  next(): LoopFrame;
};

/** Where one track stands. */
type Cursor = {
  readonly track: number;
  readonly table: SampleTable;
  readonly clockRateHz: number;
  /** Samples that are played in each round; less than the table's where sound is longer than the round. */
  readonly sampleCount: number;
  /** Ticks of this track at the start of the first round. */
  readonly originTicks: number;
  index: number;
  round: number;
};

/**
 * Plays a movie over and over, without a seam: timestamps are whole ticks that grow for ever.
 *
 * A round is as long as the first video track (its last picture lasts as long as most do, whatever the file says), so
 * pictures stay evenly spaced over the seam. Sound that ends up to a second later is cut there, sound that ends earlier
 * leaves a pause; only a track that is longer by more than that makes the round longer, by whole pictures. Each round
 * starts all tracks together, computed from the round's number, so sound never drifts from the picture.
 * Throws `TypeError` for a movie without tracks.
 */
export function openLoop(movie: Movie): Loop {
  if (movie.tracks.length === 0) throw new TypeError('Expected a movie with at least one track');
  const startSeconds = Math.min(
    ...movie.tracks.map((track, index) => firstTicks(movie.samples[index]!) / track.clockRateHz),
  );
  const round = toRound(movie, startSeconds);
  const cursors = movie.tracks.map((track, index): Cursor => {
    const table = movie.samples[index]!;
    const originTicks = Math.floor(startSeconds * track.clockRateHz);
    // Where its first sample comes again.
    const endTicks = table.dtsTicks[0]! + (round.ticks * track.clockRateHz) / round.clockRateHz;
    return {
      track: index,
      table,
      clockRateHz: track.clockRateHz,
      sampleCount: countBefore(table, endTicks),
      originTicks,
      index: 0,
      round: 0,
    };
  });
  const dtsOf = (cursor: Cursor): number =>
    cursor.table.dtsTicks[cursor.index]! - cursor.originTicks + toRoundStart(cursor, round);
  return {
    tracks: movie.tracks,
    durationMs: (round.ticks * 1000) / round.clockRateHz,
    next() {
      let due = cursors[0]!;
      for (const cursor of cursors) {
        if (dtsOf(cursor) * due.clockRateHz < dtsOf(due) * cursor.clockRateHz) due = cursor;
      }
      const dtsTicks = dtsOf(due);
      const addTicks = toRoundStart(due, round) - due.originTicks;
      const sample = movie.readSample(due.track, due.index);
      if (++due.index === due.sampleCount) {
        due.index = 0;
        due.round++;
      }
      const frame = { ...sample, ptsTicks: sample.ptsTicks + addTicks };
      return { frame, dtsTicks, dueMs: (dtsTicks * 1000) / due.clockRateHz };
    },
  };
}

/** Length of a round, exactly, in ticks of one track's clock. */
type Round = { readonly ticks: number; readonly clockRateHz: number };

/** Where the cursor's round begins on the endless time line, to the nearest tick of its clock. */
function toRoundStart(cursor: Cursor, round: Round): number {
  return Math.round((cursor.round * round.ticks * cursor.clockRateHz) / round.clockRateHz);
}

/** The earliest decode or presentation time of a track; negative composition offsets make the latter the earlier one. */
function firstTicks(table: SampleTable): number {
  let first = table.dtsTicks[0]!;
  for (let index = 0; index < Math.min(table.sampleCount, 64); index++) {
    first = Math.min(first, table.dtsTicks[index]! + table.compositionTicks[index]!);
  }
  return first;
}

/** Sound that ends this much later than the picture is cut rather than waited for. */
const cutSeconds = 1;

function toRound(movie: Movie, startSeconds: number): Round {
  const ends = movie.tracks.map((track, index) => lastTicks(movie.samples[index]!) / track.clockRateHz - startSeconds);
  const video = movie.tracks.findIndex((track) => track.kind === 'video');
  const lead = Math.max(video, 0);
  const { clockRateHz } = movie.tracks[lead]!;
  const table = movie.samples[lead]!;
  // Decode times decide: the video's first decode time returns one picture after its last.
  const ownTicks = lastTicks(table) - table.dtsTicks[0]!;
  const longestTicks = Math.max(...ends) * clockRateHz;
  if (longestTicks - ownTicks <= cutSeconds * clockRateHz) return { ticks: Math.max(1, ownTicks), clockRateHz };
  const pictureTicks = usualDurationTicks(table);
  return { ticks: ownTicks + Math.ceil((longestTicks - ownTicks) / pictureTicks) * pictureTicks, clockRateHz };
}

/** Where a track ends when its last sample lasts as long as most do. */
function lastTicks(table: SampleTable): number {
  return table.dtsTicks[table.sampleCount - 1]! + usualDurationTicks(table);
}

/** The duration that most samples have; at least one tick. */
function usualDurationTicks(table: SampleTable): number {
  const counts = new Map<number, number>();
  let usual = 1;
  for (let index = 0; index < Math.max(1, table.sampleCount - 1) && counts.size < 1000; index++) {
    const ticks = table.durationTicks[index]!;
    const count = (counts.get(ticks) ?? 0) + 1;
    counts.set(ticks, count);
    if (ticks > 0 && count > (counts.get(usual) ?? 0)) usual = ticks;
  }
  return usual;
}

/** How many samples start early enough to have half their time before the end of the round; at least one. */
function countBefore(table: SampleTable, endTicks: number): number {
  let count = table.sampleCount;
  const halfTicks = usualDurationTicks(table) / 2;
  while (count > 1 && table.dtsTicks[count - 1]! + halfTicks > endTicks) count--;
  return count;
}
