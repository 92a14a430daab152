import { type ByteSource, type SampleDefaults, parseMovieFragment } from '#fmp4';
import { MediaError } from '#frame';
import type { SampleTableBuilder } from './sample-table.ts';
import type { TopBox } from './top-boxes.ts';

const maxMoofBytes = 16 << 20;

/** What the samples of a fragment need beside the fragment. */
export type FragmentContext = {
  /** By track_ID; fragments of other tracks are passed over. */
  readonly builders: ReadonlyMap<number, SampleTableBuilder>;
  readonly trackDefaults: ReadonlyMap<number, SampleDefaults>;
};

/** Adds the samples of one `moof`, up to the first that lies behind the end of the file. Throws `MediaError`. */
export function addFragment(source: ByteSource, moof: TopBox, context: FragmentContext): void {
  const sizeBytes = moof.endBytes - moof.startBytes;
  if (sizeBytes > maxMoofBytes) throw new MediaError('too-large', `moof of ${sizeBytes} bytes`, moof.startBytes);
  const bytes = source.readAt(moof.startBytes, sizeBytes);
  for (const track of parseMovieFragment(bytes, moof.startBytes, context.trackDefaults).tracks) {
    const builder = context.builders.get(track.trackId);
    if (builder === undefined) continue;
    let dtsTicks = track.baseDecodeTicks ?? builder.endTicks;
    for (const { offsetBytes, sizeBytes, durationTicks, compositionOffsetTicks, key } of track.samples) {
      if (offsetBytes < 0 || offsetBytes + sizeBytes > source.sizeBytes) break;
      const compositionTicks = compositionOffsetTicks;
      builder.add({ offsetBytes, sizeBytes, dtsTicks, durationTicks, compositionTicks, sync: key });
      dtsTicks += durationTicks;
    }
  }
}
