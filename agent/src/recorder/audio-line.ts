import type { TimedFrame } from '#stream';
import { openG711ToFlac } from '@porchlight/media/flac';
import type { AudioFrame, AudioTrack } from '@porchlight/media/frame';

/** Audio as it goes into the file, with the wall time at which it starts. */
export type TimedAudio = { readonly frame: AudioFrame; readonly wallMs: number; readonly receivedMs: number };

/** Audio of one track made fit for MP4: G.711 as lossless FLAC, everything else as it came. */
export type AudioLine = {
  /** What the init section says of it. */
  readonly track: AudioTrack;
  push(timed: TimedFrame & { readonly frame: AudioFrame }): TimedAudio[];
  /** What the encoder still holds; the line may be pushed to again. */
  flush(): TimedAudio[];
};

/** Opens the line for a track as it comes from the camera. */
export function openAudioLine(track: AudioTrack): AudioLine {
  if (track.codec !== 'pcmu' && track.codec !== 'pcma') {
    return { track, push: ({ frame, wallMs, receivedMs }) => [{ frame, wallMs, receivedMs }], flush: () => [] };
  }
  const { codec, sampleRateHz, channels, clockRateHz } = track;
  const encoder = openG711ToFlac({ codec, sampleRateHz, channels });
  let anchor: TimedFrame | undefined;
  const place = (frames: AudioFrame[]): TimedAudio[] => {
    const last = anchor;
    if (last === undefined) return [];
    return frames.map((frame) => ({
      frame,
      wallMs: last.wallMs - ((last.frame.ptsTicks - frame.ptsTicks) * 1000) / clockRateHz,
      receivedMs: last.receivedMs,
    }));
  };
  return {
    track: encoder.track,
    push(timed) {
      anchor = timed;
      return place(encoder.push(timed.frame));
    },
    flush: () => place(encoder.flush()),
  };
}
