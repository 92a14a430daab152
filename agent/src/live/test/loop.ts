import type { AudioTrack, CodedFrame } from '@porchlight/media/frame';
import type { Stream } from '#stream';
import type { Clip } from './clip.ts';

/** The clip with a 400 Hz tone in PCMA beside its video, 20 ms a frame, as most cameras send it. */
export function withTone(clip: Clip): Clip {
  const track = clip.tracks.length;
  const tone: AudioTrack = {
    kind: 'audio',
    codec: 'pcma',
    clockRateHz: 8000,
    sampleRateHz: 8000,
    channels: 1,
    config: new Uint8Array(),
    codecString: 'alaw',
  };
  // Twenty samples are one period of the tone: positive then negative half, in A-law.
  const period = [...Array<number>(10).fill(0xb5), ...Array<number>(10).fill(0x35)];
  const data = Uint8Array.from({ length: 160 }, (_, index) => period[index % 20]!);
  const first = clip.frames[0]!.dueMs;
  const count = Math.floor((clip.frames.at(-1)!.dueMs + 80 - first) / 20);
  const sound = Array.from({ length: count }, (_, index) => ({
    frame: { kind: 'audio' as const, track, ptsTicks: index * 160, durationTicks: 160, data },
    dueMs: first + index * 20,
  }));
  const frames = [...clip.frames, ...sound].sort((a, b) => a.dueMs - b.dueMs);
  return { ...clip, tracks: [...clip.tracks, tone], frames };
}

/** Plays a clip into a stream in real time, again and again, with ever-growing timestamps. Returns how to stop it. */
export function playLoop(clip: Clip, stream: Stream): () => void {
  stream.onTracks(clip.tracks);
  stream.onState({ status: 'online' });
  const startMs = performance.now();
  const firstMs = clip.frames[0]!.dueMs;
  const lengthMs = clip.frames.at(-1)!.dueMs - firstMs + 80;
  let next = 0;
  const timer = setInterval(() => {
    for (;;) {
      const round = Math.floor(next / clip.frames.length);
      const { frame, dueMs } = clip.frames[next % clip.frames.length]!;
      if (startMs + round * lengthMs + dueMs - firstMs > performance.now()) return;
      stream.onFrame(later(frame, clip, round * lengthMs), performance.now());
      next++;
    }
  }, 5);
  return () => clearInterval(timer);
}

function later(frame: CodedFrame, clip: Clip, shiftMs: number): CodedFrame {
  const { clockRateHz } = clip.tracks[frame.track]!;
  return { ...frame, ptsTicks: frame.ptsTicks + Math.round((shiftMs * clockRateHz) / 1000) };
}
