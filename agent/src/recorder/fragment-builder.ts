import { toFragmentSample, toSampleBytes, writeFragment, type FragmentSample } from '@porchlight/media/fmp4';
import type { VideoFrame } from '@porchlight/media/frame';
import type { TimedFrame } from '#stream';
import type { TimedAudio } from './audio-line.ts';
import type { FragmentBytes } from './segment-file.ts';

export type TimedVideo = TimedFrame & { readonly frame: VideoFrame };

/** Collects the samples of one segment and hands them over fragment by fragment. */
export type FragmentBuilder = {
  /** The first one starts the segment and must be a key frame. Settles the duration of the one before. */
  addVideo(timed: TimedVideo): void;
  /** Audio that starts at or after the segment's first picture. */
  addAudio(audio: TimedAudio): void;
  /** Ends the last picture at `dtsTicks`, where the next segment of the run starts. */
  endVideo(dtsTicks: number): void;
  /** Everything added so far as one fragment; the last picture's duration is taken from the one before when not known. */
  take(): FragmentBytes | undefined;
  /** Monotonic receipt of the oldest frame not taken yet. */
  readonly oldestReceivedMs: number | undefined;
};

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

type HeldSample = FragmentSample & { durationTicks: number };
type Held = { samples: HeldSample[]; parts: Uint8Array[]; baseTicks: number };

const emptyHeld = (): Held => ({ samples: [], parts: [], baseTicks: 0 });

/**
 * Decode times start at 0 with the segment and so does its first picture: `trun` offsets are signed and count from it.
 * A fragment goes out at 500 ms of media or at the next key frame; whoever owns the builder calls `take` for wall time.
 */
export function openFragmentBuilder(options: FragmentBuilderOptions): FragmentBuilder {
  const { videoRateHz, audioRateHz = 1, onFragment } = options;
  let video = emptyHeld();
  let audio = emptyHeld();
  let first: TimedVideo | undefined;
  let last: TimedVideo | undefined;
  let lastOpen = false; // the last picture is held and its duration not settled
  let usualDurationTicks = Math.round(videoRateHz / (options.frameRate ?? 25));
  let audioAnchor: { ptsTicks: number; atTicks: number } | undefined;
  let nextAudioTicks = 0;
  let sequenceNumber = 0;
  let heldBytes = 0;
  let packetsLost = 0;
  let endWallMs = 0;
  let oldestReceivedMs: number | undefined;

  const take = (): FragmentBytes | undefined => {
    if (video.samples.length === 0 && audio.samples.length === 0) return undefined;
    lastOpen = false;
    const moof = writeFragment({
      sequenceNumber: ++sequenceNumber,
      tracks: [
        { trackId: videoTrackId, baseDecodeTicks: video.baseTicks, samples: video.samples },
        { trackId: audioTrackId, baseDecodeTicks: audio.baseTicks, samples: audio.samples },
      ],
    });
    const endTicks =
      last === undefined || first === undefined ? 0 : last.dtsTicks - first.dtsTicks + usualDurationTicks;
    const fragment: FragmentBytes = {
      parts: [moof, ...video.parts, ...audio.parts],
      sizeBytes: moof.length + heldBytes,
      baseTicks: video.samples.length === 0 ? endTicks : video.baseTicks,
      durationTicks: video.samples.reduce((sum, sample) => sum + sample.durationTicks, 0),
      key: video.samples[0]?.key ?? false,
      endWallMs: Math.round(endWallMs + (video.samples.at(-1)?.durationTicks ?? 0) * (1000 / videoRateHz)),
      frames: video.samples.length,
      packetsLost,
    };
    video = emptyHeld();
    audio = emptyHeld();
    heldBytes = 0;
    packetsLost = 0;
    oldestReceivedMs = undefined;
    return fragment;
  };
  const send = (): void => {
    const fragment = take();
    if (fragment !== undefined) onFragment(fragment);
  };
  const hold = (held: Held, sample: FragmentSample, parts: readonly Uint8Array[], receivedMs: number): void => {
    held.samples.push(sample as HeldSample); // made for us a moment ago, so its duration may still be settled
    for (const part of parts) held.parts.push(part);
    heldBytes += sample.sizeBytes;
    oldestReceivedMs ??= receivedMs;
  };
  const endVideo = (dtsTicks: number): void => {
    if (last === undefined) return;
    usualDurationTicks = Math.max(1, dtsTicks - last.dtsTicks);
    const sample = video.samples.at(-1);
    if (lastOpen && sample !== undefined) sample.durationTicks = usualDurationTicks;
    lastOpen = false;
  };

  return {
    addVideo(timed) {
      first ??= timed;
      endVideo(timed.dtsTicks);
      const atTicks = timed.dtsTicks - first.dtsTicks;
      const full = ((atTicks - video.baseTicks) * 1000) / videoRateHz >= maxFragmentMs || heldBytes > maxFragmentBytes;
      if (video.samples.length > 0 && (timed.frame.key || full)) send();
      if (video.samples.length === 0) video.baseTicks = atTicks;
      const decodeTicks = atTicks + first.frame.ptsTicks; // so that the first picture is shown at 0
      const sample = toFragmentSample(timed.frame, decodeTicks, usualDurationTicks);
      hold(video, sample, toSampleBytes(timed.frame), timed.receivedMs);
      packetsLost += timed.frame.packetsLost;
      endWallMs = Math.max(endWallMs, timed.wallMs);
      last = timed;
      lastOpen = true;
    },
    addAudio({ frame, wallMs, receivedMs }) {
      if (first === undefined) return;
      audioAnchor ??= {
        ptsTicks: frame.ptsTicks,
        atTicks: Math.max(0, Math.round(((wallMs - first.wallMs) * audioRateHz) / 1000)),
      };
      const atTicks = audioAnchor.atTicks + frame.ptsTicks - audioAnchor.ptsTicks;
      if (atTicks < nextAudioTicks - 1) return; // told twice, or out of order
      const before = audio.samples.at(-1);
      if (before === undefined) audio.baseTicks = atTicks;
      else before.durationTicks += atTicks - nextAudioTicks; // packets lost in between stay as time
      hold(audio, toFragmentSample(frame, frame.ptsTicks, frame.durationTicks), toSampleBytes(frame), receivedMs);
      nextAudioTicks = atTicks + frame.durationTicks;
    },
    endVideo,
    take,
    get oldestReceivedMs() {
      return oldestReceivedMs;
    },
  };
}
