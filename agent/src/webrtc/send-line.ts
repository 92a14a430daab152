import type { PacketRing } from './packet-ring.ts';
import type { Peer } from './peer.ts';

/** Counters of one track to one viewer. */
export type SendLineStats = { packetsSent: number; bytesSent: number; packetsResent: number; nacksIgnored: number };

/** One track's way from the shared ring to one viewer: its own sequence numbers, its own place in the ring. */
export type SendLine = {
  readonly ssrc: number;
  readonly stats: Readonly<SendLineStats>;
  /** All that is in the ring has been sent. */
  readonly isLevel: boolean;
  readonly isStarted: boolean;
  /** Begins at this index. */
  startAt(index: number, nowMs: number): void;
  /** Sends at most this many packets; how many were sent. */
  pump(most: number): number;
  /** Sends these packets again, if they are the ones that were sent under these numbers and young enough. */
  resend(sequenceNumbers: readonly number[], nowMs: number): void;
};

const resendBurst = 400;
const resendsPerSecond = 800;
const resendPauseMs = 15;
const resendAgeMs = 2000;

/** Opens a line that has not started. `firstSequenceNumber` is below 2^15, so that SRTP's roll-over cannot be misread at the start. */
export function openSendLine(options: {
  readonly ring: PacketRing;
  readonly peer: Pick<Peer, 'sendRtp'>;
  readonly payloadType: number;
  readonly ssrc: number;
  readonly firstSequenceNumber: number;
}): SendLine {
  return new Line(options);
}

type LineOptions = Parameters<typeof openSendLine>[0];

class Line implements SendLine {
  readonly #options: LineOptions;
  readonly stats: SendLineStats = { packetsSent: 0, bytesSent: 0, packetsResent: 0, nacksIgnored: 0 };
  #cursor: number | undefined;
  /** Added to an index gives the sequence number before wrapping. */
  #offset: number;
  /** Indexes from here on were sent with `#offset`. */
  #since = 0;
  #startedMs = 0;
  #tokens = resendBurst;
  #refilledMs = 0;
  readonly #resentMs = new Map<number, number>();

  constructor(options: LineOptions) {
    this.#options = options;
    this.#offset = options.firstSequenceNumber;
  }

  get ssrc(): number {
    return this.#options.ssrc;
  }

  get isStarted(): boolean {
    return this.#cursor !== undefined;
  }

  get isLevel(): boolean {
    return this.#cursor === this.#options.ring.next;
  }

  startAt(index: number, nowMs: number): void {
    this.#startedMs = nowMs;
    this.#moveTo(index);
  }

  /** Goes on at this index; sequence numbers stay without a gap. */
  #moveTo(index: number): void {
    const nextNumber = this.#cursor === undefined ? this.#offset : this.#cursor + this.#offset;
    this.#cursor = index;
    this.#since = index;
    this.#offset = nextNumber - index;
  }

  pump(most: number): number {
    const { ring, peer, payloadType, ssrc } = this.#options;
    let sent = 0;
    while (sent < most && this.#cursor !== undefined && this.#cursor < ring.next) {
      const unit = ring.get(this.#cursor);
      if (!unit) {
        // Overtaken while replaying: on to the current group.
        if (ring.groupStart === undefined || ring.groupStart <= this.#cursor) return sent;
        this.#moveTo(ring.groupStart);
        continue;
      }
      const { timestamp, marker, payload } = unit;
      const sequenceNumber = this.#toSequenceNumber(this.#cursor);
      peer.sendRtp({ payloadType, ssrc, sequenceNumber, timestamp, marker }, payload);
      this.#cursor++;
      this.stats.packetsSent++;
      this.stats.bytesSent += payload.length;
      sent++;
    }
    return sent;
  }

  resend(sequenceNumbers: readonly number[], nowMs: number): void {
    if (this.#cursor === undefined) return;
    this.#tokens = Math.min(resendBurst, this.#tokens + ((nowMs - this.#refilledMs) * resendsPerSecond) / 1000);
    this.#refilledMs = nowMs;
    for (const number of sequenceNumbers) if (!this.#resendOne(number, nowMs)) this.stats.nacksIgnored++;
    if (this.#resentMs.size > 1024) {
      for (const [index, atMs] of this.#resentMs) if (nowMs - atMs > resendAgeMs) this.#resentMs.delete(index);
    }
  }

  #resendOne(sequenceNumber: number, nowMs: number): boolean {
    const { ring, peer, payloadType, ssrc } = this.#options;
    const newest = this.#cursor! - 1;
    const newestNumber = this.#toSequenceNumber(newest);
    // werift counts SRTP roll-overs forward only: what lies before the last wrap would be encrypted wrongly, and 0 would
    // count as a wrap of its own and end the stream.
    if (sequenceNumber > newestNumber || sequenceNumber === 0) return false;
    const index = newest - (newestNumber - sequenceNumber);
    const unit = index < this.#since ? undefined : ring.get(index);
    if (!unit || this.#tokens < 1) return false;
    if (nowMs - Math.max(unit.atMs, this.#startedMs) > resendAgeMs) return false;
    if (nowMs - (this.#resentMs.get(index) ?? -Infinity) < resendPauseMs) return false;
    this.#resentMs.set(index, nowMs);
    this.#tokens--;
    const { timestamp, marker, payload } = unit;
    peer.sendRtp({ payloadType, ssrc, sequenceNumber, timestamp, marker }, payload);
    this.stats.packetsResent++;
    return true;
  }

  #toSequenceNumber(index: number): number {
    return (index + this.#offset) & 0xffff;
  }
}
