import type { SourceTest } from '@porchlight/contract/camera';
import type { TrackDescription } from '@porchlight/media/frame';
import type { SourceEvents, SourceState } from '#camera';
import { openSource, type SourceConfig, type SourceDeps } from './source.ts';

const longestMs = 8000;
/** A person waits: one answer may take most of it. */
const patientMs = 6000;
/** Looks on a little after the first key frame, to count pictures and see their order. */
const lookMs = 1500;
const longGopMs = 5000;

type Found = { readonly stream: SourceTest['streams'][number]; readonly notes: readonly string[] };
type Failed = { readonly reason: string; readonly message: string; readonly fix?: string };

/** Connects to sources as if they had been added, and says in words what they send or what is wrong. Takes at most 8 s. */
export async function testSource(sources: readonly SourceConfig[], deps: SourceDeps): Promise<SourceTest> {
  const results = await Promise.all(sources.map((source) => testOne(source, deps)));
  const found = results.filter((result) => 'stream' in result);
  const streams = found.map(({ stream }) => stream);
  const notes = found.flatMap((result) => result.notes);
  const failed = results.find((result) => 'reason' in result);
  if (failed) {
    const { reason, message, fix } = failed;
    return { ok: false, reason, message, ...(fix === undefined ? {} : { fix }), streams, notes };
  }
  const pictures = streams.map(({ codec, widthPx, heightPx }) => `${widthPx}×${heightPx} ${codec}`);
  return { ok: true, message: `Works: ${pictures.join(' and ')}.`, streams, notes };
}

async function testOne(config: SourceConfig, deps: SourceDeps): Promise<Found | Failed> {
  const { clock } = deps;
  const look = new Look();
  const source = openSource(
    config,
    { ...deps, times: { ...deps.times, mediaMs: longestMs, connectMs: patientMs, answerMs: patientMs } },
    look,
  );
  try {
    const timer = clock.after(longestMs, () => look.giveUp());
    const failed = await look.decided;
    timer.cancel();
    if (failed) return failed;
    await clock.sleep(lookMs);
    return look.toFound(config, source.stats().transport);
  } finally {
    await source.close();
  }
}

/** Watches a source until its first key frame, then counts. */
class Look implements SourceEvents {
  /** Resolves with nothing at the first key frame, or with what is wrong. */
  readonly decided: Promise<Failed | undefined>;
  #decide!: (failed?: Failed) => void;
  #tracks: readonly TrackDescription[] = [];
  #seenVideo = false;
  #pictures = 0;
  #firstPts: number | undefined;
  #highestPts = 0;
  #keyPts: number | undefined;
  #gopTicks: number | undefined;
  #reordered = false;

  constructor() {
    this.decided = new Promise((resolve) => (this.#decide = resolve));
  }

  onTracks(tracks: readonly TrackDescription[]): void {
    this.#tracks = tracks;
  }

  onFrame(frame: Parameters<SourceEvents['onFrame']>[0]): void {
    if (frame.kind !== 'video') return;
    this.#seenVideo = true;
    if (frame.key) {
      this.#decide();
      if (this.#keyPts !== undefined) this.#gopTicks = frame.ptsTicks - this.#keyPts;
      this.#keyPts = frame.ptsTicks;
    }
    if (this.#keyPts === undefined) return;
    this.#pictures++;
    this.#firstPts ??= frame.ptsTicks;
    if (frame.ptsTicks < this.#highestPts) this.#reordered = true;
    else this.#highestPts = frame.ptsTicks;
  }

  onDamage(): void {
    // Counted elsewhere; a test only asks whether pictures come.
  }

  onSenderReport(): void {
    // Of no use to a test.
  }

  onState(state: SourceState): void {
    if (state.status !== 'offline' && state.status !== 'error') return;
    const { reason = 'unknown', message = 'The source does not work.', fix } = state;
    this.#decide({ reason, message, ...(fix === undefined ? {} : { fix }) });
  }

  giveUp(): void {
    if (this.#seenVideo)
      this.#decide({
        reason: 'no-keyframe',
        message: `The camera sends video but no key frame within ${longestMs / 1000} s.`,
        fix: 'Set a key frame (I-frame) interval of 1 to 4 seconds in the camera.',
      });
    else
      this.#decide({
        reason: 'stalled',
        message: `No video came within ${longestMs / 1000} s.`,
        fix: 'Check the path behind the host name, and that the channel is enabled in the camera.',
      });
  }

  toFound(config: SourceConfig, transport: 'tcp' | 'udp' | 'file'): Found | Failed {
    const video = this.#tracks.find((track) => track.kind === 'video');
    const audio = this.#tracks.find((track) => track.kind === 'audio');
    if (!video) return { reason: 'unsupported-codec', message: 'The source sends no video.' };
    const seconds = (this.#highestPts - (this.#firstPts ?? 0)) / video.clockRateHz;
    const measured = seconds > 0 ? (this.#pictures - 1) / seconds : undefined;
    const fps = measured ?? video.frameRate;
    const stream: Found['stream'] = {
      name: config.stream,
      codec: video.codec,
      widthPx: video.widthPx,
      heightPx: video.heightPx,
      ...(fps === undefined ? {} : { fps: Math.round(fps * 10) / 10 }),
      ...(audio ? { audioCodec: audio.codec } : {}),
    };
    const notes: string[] = [];
    if (video.codec === 'h265')
      notes.push('H.265: recorded as it is; many browsers cannot show it, so add an H.264 sub-stream for live view.');
    if (this.#reordered) notes.push('B-frames: recorded as they are; live view uses MSE instead of WebRTC.');
    if (audio?.codec === 'aac') notes.push('AAC sound: live view with sound uses MSE instead of WebRTC.');
    const gopMs = this.#gopTicks === undefined ? undefined : (this.#gopTicks * 1000) / video.clockRateHz;
    if (gopMs !== undefined && gopMs > longGopMs)
      notes.push(
        `Key frames come every ${Math.round(gopMs / 1000)} s: 1 to 4 s makes seeking and start of live view quicker.`,
      );
    if (config.transport === 'auto' && transport === 'udp') notes.push('The camera refuses TCP: video comes by UDP.');
    return { stream, notes };
  }
}
