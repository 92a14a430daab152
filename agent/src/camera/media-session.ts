import type { CodedFrame, Damage, FrameSink, TrackDescription } from '@porchlight/media/frame';
import { openPayload } from '@porchlight/media/payload';
import { openRtpReceiver, parseRtcp, writeRtcp, type ReceptionReport, type RtpReceiver } from '@porchlight/media/rtp';
import type { SdpMedia, SdpSession } from '@porchlight/media/sdp';
import { CameraError } from './camera-error.ts';
import type { SourceEvents } from './camera-events.ts';

/** UDP packets wait so long for an earlier one. */
const reorder = { maxPackets: 64, maxDelayMs: 120 } as const;

/** A media section that the house can take. */
export type ChosenMedia = { readonly media: SdpMedia; readonly kind: 'video' | 'audio' };

/** The first video and the first audio that can be kept. Throws a `CameraError` in words when there is no such video. */
export function chooseMedia(sdp: SdpSession): ChosenMedia[] {
  const nothing: FrameSink = { onTrack: () => undefined, onFrame: () => undefined, onDamage: () => undefined };
  const reasons: string[] = [];
  const chosen: ChosenMedia[] = [];
  for (const kind of ['video', 'audio'] as const) {
    for (const media of sdp.media) {
      if (media.kind !== kind || chosen.some((other) => other.kind === kind)) continue;
      const payload = openPayload({ media, track: chosen.length, sink: nothing });
      if ('unsupported' in payload) reasons.push(payload.unsupported);
      else chosen.push({ media, kind });
    }
    if (kind === 'video' && chosen.length === 0) {
      throw new CameraError(
        'unsupported-codec',
        reasons.length > 0
          ? `The camera's video cannot be kept: ${reasons.join('; ')}.`
          : 'The camera sends no video at this address.',
        reasons.length > 0 ? 'Set it to H.264 or H.265 in its own page.' : 'Check the path, and the channel in it.',
      );
    }
  }
  return chosen;
}

/** One track's way from packets to frames. */
export type MediaTrack = {
  readonly payloadType: number;
  /** A whole RTP packet, in `bytes` from `start` up to `end`; all of it by default. */
  onRtp(bytes: Uint8Array, receivedMs: number, start?: number, end?: number): void;
  /** A whole RTCP compound; anything malformed is ignored. */
  onRtcp(packet: Uint8Array, receivedMs: number): void;
  /** A receiver report to send; undefined before the first packet. */
  report(nowMs: number): Uint8Array | undefined;
};

/**
 * Everything received in one session: RTP in, frames out to `events`.
 * Announces tracks as soon as video is described, again when sound is or anything changes.
 */
export class MediaSession implements FrameSink {
  readonly #events: SourceEvents;
  readonly #descriptions: (TrackDescription | undefined)[] = [];
  readonly #receivers: RtpReceiver[] = [];
  readonly #receiverSsrc = Math.floor(Math.random() * 2 ** 32);
  /** Called at the first frame, before anyone hears of it. */
  onFirstFrame: () => void = () => undefined;
  /** Monotonic time of the last packet of video, and of the last key frame; `undefined` before the first. */
  lastVideoMs: number | undefined;
  lastKeyMs: number | undefined;
  /** The same of the last picture that packets made. */
  lastPictureMs: number | undefined;
  #nowMs = 0;
  #firstVideoMs: number | undefined;
  #begun = false;

  constructor(events: SourceEvents) {
    this.#events = events;
  }

  /** Adds the next track: video first. */
  addTrack({ media, kind }: ChosenMedia, lower: 'tcp' | 'udp'): MediaTrack {
    const track = this.#receivers.length;
    const payload = openPayload({ media, track, sink: this });
    if ('unsupported' in payload) throw new CameraError('unsupported-codec', payload.unsupported, '');
    const { depacketizer } = payload;
    this.#descriptions[track] = payload.description;
    const receiver = openRtpReceiver({
      clockRateHz: payload.clockRateHz,
      reorder: lower === 'tcp' ? 'none' : reorder,
      payloadTypes: [payload.payloadType],
      onPayload: (bytes, ptsTicks, marker) => depacketizer.push(bytes, ptsTicks, marker),
      onLost: (packets) => depacketizer.lost(packets),
      onRestart: () => this.onDamage({ kind: 'damage', track, reason: 'timestamp-jump', count: 1 }),
    });
    this.#receivers.push(receiver);
    const isVideo = kind === 'video';
    return {
      payloadType: payload.payloadType,
      onRtp: (bytes, receivedMs, start, end) => {
        this.#nowMs = receivedMs;
        if (isVideo) this.lastVideoMs = receivedMs;
        receiver.push(bytes, receivedMs, start, end);
      },
      onRtcp: (packet, receivedMs) => this.#onRtcp(track, packet, receivedMs),
      report: (nowMs) => this.#report(receiver.report(nowMs)),
    };
  }

  /** Lets packets go that wait too long for an earlier one. */
  tick(nowMs: number): void {
    for (const receiver of this.#receivers) receiver.tick(nowMs);
  }

  /** How long video has come, from the first frame to the last packet. */
  get videoMs(): number {
    return this.#firstVideoMs === undefined ? 0 : (this.lastVideoMs ?? 0) - this.#firstVideoMs;
  }

  packets(): { received: number; lost: number } {
    const sum = { received: 0, lost: 0 };
    for (const receiver of this.#receivers) {
      const stats = receiver.stats();
      sum.received += stats.packetsReceived;
      sum.lost += stats.packetsLost;
    }
    return sum;
  }

  onTrack(track: number, description: TrackDescription): void {
    this.#descriptions[track] = description;
    if (this.#begun) this.#announce();
  }

  onFrame(frame: CodedFrame): void {
    if (!this.#begun) {
      if (frame.kind === 'audio' || !this.#descriptions[0]) return;
      this.#begun = true;
      this.#firstVideoMs = this.#nowMs;
      this.#announce();
      this.onFirstFrame();
    }
    if (frame.kind === 'video') {
      this.lastPictureMs = this.#nowMs;
      if (frame.key) this.lastKeyMs = this.#nowMs;
    }
    this.#events.onFrame(frame, this.#nowMs);
  }

  onDamage(damage: Damage): void {
    this.#events.onDamage(damage);
  }

  #announce(): void {
    const known = this.#descriptions.filter((description) => description !== undefined);
    if (this.#descriptions[0]) this.#events.onTracks(known);
  }

  #onRtcp(track: number, packet: Uint8Array, receivedMs: number): void {
    const receiver = this.#receivers[track]!;
    try {
      for (const part of parseRtcp(packet)) {
        if (part.kind !== 'sender-report' || part.ssrc !== receiver.ssrc) continue;
        receiver.onSenderReport(part.ntpMiddle, receivedMs);
        const rtpTicks = receiver.toTicks(part.rtpTimestamp);
        if (rtpTicks !== undefined) this.#events.onSenderReport({ track, ntpMs: part.ntpMs, rtpTicks });
      }
    } catch {
      this.onDamage({ kind: 'damage', track, reason: 'malformed', count: 1 });
    }
  }

  #report(report: ReceptionReport | undefined): Uint8Array | undefined {
    if (!report) return undefined;
    const ssrc = this.#receiverSsrc;
    return writeRtcp([
      { kind: 'receiver-report', ssrc, reports: [report] },
      { kind: 'source-description', ssrc, cname: 'porchlight' },
    ]);
  }
}
