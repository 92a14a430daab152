import { joinAdjacent } from '@porchlight/media/bytes';
import { toFragmentSample, toSampleBytes, writeFragment, type FragmentSample } from '@porchlight/media/fmp4';
import { holdFrame, type VideoFrame } from '@porchlight/media/frame';
import type { TimedFrame } from '#stream';
import type { TimedAudio } from './audio-line.ts';
import type { FragmentBytes } from './segment-file.ts';

export type TimedVideo = TimedFrame & { readonly frame: VideoFrame };

export type FragmentBuilderOptions = {
  readonly videoRateHz: number;
  readonly audioRateHz: number | undefined;
  /** Nominal pictures per second, for a segment of a single picture. */
  readonly frameRate: number | undefined;
  readonly onFragment: (fragment: FragmentBytes) => void;
};

const maxFragmentMs = 500;
const maxFragmentBytes = 16 << 20;
const videoTrackId = 1;
const audioTrackId = 2;

/** The samples of one track that the next fragment will have. */
class Held {
  readonly samples: (FragmentSample & { durationTicks: number })[] = [];
  readonly parts: Uint8Array[] = [];
  /** Pictures whose bytes are held for the write. */
  readonly held: TimedVideo[] = [];
  baseTicks = 0;
}

/**
 * Collects the samples of one segment and hands them over fragment by fragment.
 *
 * Decode times start at 0 with the segment and so does its first picture: `trun` offsets are signed and count from it.
 * A fragment goes out at 500 ms of media or at the next key frame; whoever owns the builder calls `take` for wall time.
 */
export class FragmentBuilder {
  readonly #options: FragmentBuilderOptions;
  #video = new Held();
  #audio = new Held();
  #first: TimedVideo | undefined;
  #last: TimedVideo | undefined;
  /** The last picture is held and its duration not settled. */
  #lastOpen = false;
  #usualDurationTicks: number;
  #audioAnchor: { ptsTicks: number; atTicks: number } | undefined;
  #nextAudioTicks = 0;
  #sequenceNumber = 0;
  #heldBytes = 0;
  #packetsLost = 0;
  #endWallMs = 0;
  #oldestReceivedMs: number | undefined;

  constructor(options: FragmentBuilderOptions) {
    this.#options = options;
    this.#usualDurationTicks = Math.round(options.videoRateHz / (options.frameRate ?? 25));
  }

  /** Monotonic receipt of the oldest frame not taken yet. */
  get oldestReceivedMs(): number | undefined {
    return this.#oldestReceivedMs;
  }

  /** Where the pictures added so far end, the last one as long as the one before it. */
  get endWallMs(): number {
    return this.#endWallMs + (this.#usualDurationTicks * 1000) / this.#options.videoRateHz;
  }

  /** A packet of sound came too late for the file that it belongs to. */
  noteLost(): void {
    this.#packetsLost++;
  }

  /** The first one starts the segment and must be a key frame. Settles the duration of the one before. */
  addVideo(timed: TimedVideo): void {
    const { frame, dtsTicks } = timed;
    const first = (this.#first ??= timed);
    this.endVideo(dtsTicks);
    const atTicks = dtsTicks - first.dtsTicks;
    const heldMs = ((atTicks - this.#video.baseTicks) * 1000) / this.#options.videoRateHz;
    const full = heldMs >= maxFragmentMs || this.#heldBytes > maxFragmentBytes;
    if (this.#video.samples.length > 0 && (frame.key || full)) this.#send();
    if (this.#video.samples.length === 0) this.#video.baseTicks = atTicks;
    // Composition offsets count from the first picture, so that it is shown at 0.
    const sample = toFragmentSample(frame, atTicks + first.frame.ptsTicks, this.#usualDurationTicks);
    holdFrame(frame);
    this.#video.held.push(timed);
    this.#hold(this.#video, sample, { parts: toSampleBytes(frame), receivedMs: timed.receivedMs });
    this.#packetsLost += frame.packetsLost;
    this.#endWallMs = Math.max(this.#endWallMs, timed.wallMs);
    this.#last = timed;
    this.#lastOpen = true;
  }

  /** Audio that starts at or after the segment's first picture. */
  addAudio({ frame, wallMs, receivedMs }: TimedAudio): void {
    const { audioRateHz = 1 } = this.#options;
    if (this.#first === undefined) return;
    this.#audioAnchor ??= {
      ptsTicks: frame.ptsTicks,
      atTicks: Math.max(0, Math.round(((wallMs - this.#first.wallMs) * audioRateHz) / 1000)),
    };
    const atTicks = this.#audioAnchor.atTicks + frame.ptsTicks - this.#audioAnchor.ptsTicks;
    if (atTicks < this.#nextAudioTicks - 1) return; // told twice, or out of order
    const before = this.#audio.samples.at(-1);
    if (before === undefined) this.#audio.baseTicks = atTicks;
    else before.durationTicks += atTicks - this.#nextAudioTicks; // packets lost in between stay as time
    const sample = toFragmentSample(frame, frame.ptsTicks, frame.durationTicks);
    this.#hold(this.#audio, sample, { parts: toSampleBytes(frame), receivedMs });
    this.#nextAudioTicks = atTicks + frame.durationTicks;
  }

  /** Ends the last picture at `dtsTicks`, where the next segment of the run starts. */
  endVideo(dtsTicks: number): void {
    if (this.#last === undefined) return;
    this.#usualDurationTicks = Math.max(1, dtsTicks - this.#last.dtsTicks);
    const sample = this.#video.samples.at(-1);
    if (this.#lastOpen && sample !== undefined) sample.durationTicks = this.#usualDurationTicks;
    this.#lastOpen = false;
  }

  /** Everything added so far as one fragment; the last picture's duration is taken from the one before when not known. */
  take(): FragmentBytes | undefined {
    const [video, audio] = [this.#video, this.#audio];
    if (video.samples.length === 0 && audio.samples.length === 0) return undefined;
    const moof = writeFragment({
      sequenceNumber: ++this.#sequenceNumber,
      tracks: [
        { trackId: videoTrackId, baseDecodeTicks: video.baseTicks, samples: video.samples },
        { trackId: audioTrackId, baseDecodeTicks: audio.baseTicks, samples: audio.samples },
      ],
    });
    const endTicks = (this.#last?.dtsTicks ?? 0) - (this.#first?.dtsTicks ?? 0) + this.#usualDurationTicks;
    const baseTicks = video.samples.length === 0 ? endTicks : video.baseTicks;
    const lastTicks = video.samples.at(-1)?.durationTicks ?? 0;
    const fragment: FragmentBytes = {
      parts: joinAdjacent([moof, ...video.parts, ...audio.parts]),
      sizeBytes: moof.length + this.#heldBytes,
      baseTicks,
      durationTicks: video.samples.reduce((sum, sample) => sum + sample.durationTicks, 0),
      key: video.samples[0]?.key ?? false,
      endWallMs: Math.round(this.#endWallMs + (lastTicks * 1000) / this.#options.videoRateHz),
      frames: video.samples.length,
      packetsLost: this.#packetsLost,
      held: video.held,
    };
    this.#video = new Held();
    this.#audio = new Held();
    this.#heldBytes = 0;
    this.#packetsLost = 0;
    this.#oldestReceivedMs = undefined;
    this.#lastOpen = false;
    return fragment;
  }

  #send(): void {
    const fragment = this.take();
    if (fragment !== undefined) this.#options.onFragment(fragment);
  }

  #hold(held: Held, sample: FragmentSample, bytes: { parts: readonly Uint8Array[]; receivedMs: number }): void {
    held.samples.push(sample); // made for us a moment ago, so its duration may still be settled
    for (const part of bytes.parts) held.parts.push(part);
    this.#heldBytes += sample.sizeBytes;
    this.#oldestReceivedMs ??= bytes.receivedMs;
  }
}
