import type { VolumeFile } from '#volume';
import type { TimedFrame } from '#stream';
import { HouseError } from '@porchlight/base/errors';
import { splitFragment } from '@porchlight/media/fmp4';
import { MediaError, type VideoCodec, type VideoFrame } from '@porchlight/media/frame';
import { parseLengthPrefixed } from '@porchlight/media/nal';
import type { TimedVideo } from './fragment-builder.ts';

/**
 * These pictures are in the file now. `readBack` gives all pictures of their group that are, up to and with these, with the times they came with;
 * undefined when the disk does not give them back. Good until the next picture of the group is written.
 */
export type OnWritten = (pictures: readonly TimedVideo[], readBack: () => readonly TimedFrame[] | undefined) => void;

type Place = { readonly offsetBytes: number; readonly sizeBytes: number };
/** What a file does not tell of its pictures: what they count from. */
type First = Pick<TimedVideo, 'dtsTicks' | 'wallMs' | 'receivedMs'> & Pick<VideoFrame, 'track' | 'ptsTicks'>;

const videoTrackId = 1;
const lengthBytes = 4;

/** Where the pictures of the newest group lie in the file that is being written: they need not stay in memory for those who may join. */
export class WrittenGroup {
  readonly #codec: VideoCodec;
  readonly #clockRateHz: number;
  #fragments: (Place & { readonly first: First })[] = [];

  constructor(codec: VideoCodec, clockRateHz: number) {
    this.#codec = codec;
    this.#clockRateHz = clockRateHz;
  }

  /** A fragment has been written; a key frame in front begins a group. */
  add(place: Place, [first]: readonly TimedVideo[]): void {
    if (first === undefined) return;
    if (first.frame.key) this.#fragments = [];
    const { dtsTicks, wallMs, receivedMs, frame } = first;
    const { track, ptsTicks } = frame;
    this.#fragments.push({ ...place, first: { dtsTicks, wallMs, receivedMs, track, ptsTicks } });
  }

  /** The group's pictures out of the file; undefined when they cannot be had. */
  read(file: Pick<VolumeFile, 'readBack'>): TimedFrame[] | undefined {
    const [from, to] = [this.#fragments[0], this.#fragments.at(-1)];
    if (from === undefined || to === undefined) return undefined;
    try {
      const bytes = file.readBack(from.offsetBytes, to.offsetBytes + to.sizeBytes - from.offsetBytes);
      return this.#fragments.flatMap(({ offsetBytes, sizeBytes, first }) => {
        const start = offsetBytes - from.offsetBytes;
        return this.#toPictures(bytes.subarray(start, start + sizeBytes), first);
      });
    } catch (error) {
      if (error instanceof MediaError || error instanceof HouseError) return undefined;
      throw error;
    }
  }

  #toPictures(fragment: Uint8Array, first: First): TimedFrame[] {
    const samples = splitFragment(fragment).filter(({ trackId }) => trackId === videoTrackId);
    const zero = samples[0];
    return samples.map((sample) => {
      const [dts, pts] = [sample.dtsTicks - zero!.dtsTicks, sample.ptsTicks - zero!.ptsTicks];
      const nalUnits = parseLengthPrefixed(sample.data, lengthBytes, this.#codec);
      const frame: VideoFrame = {
        kind: 'video',
        track: first.track,
        ptsTicks: first.ptsTicks + pts,
        key: sample.key,
        reference: sample.reference,
        nalUnits,
        sizeBytes: sample.data.length - nalUnits.length * lengthBytes,
        packetsLost: 0,
      };
      return {
        frame,
        dtsTicks: first.dtsTicks + dts,
        wallMs: first.wallMs + (pts * 1000) / this.#clockRateHz,
        receivedMs: first.receivedMs + (dts * 1000) / this.#clockRateHz,
      };
    });
  }
}
