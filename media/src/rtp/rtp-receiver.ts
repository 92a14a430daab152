import { Reception } from './reception.ts';
import { ReorderWindow } from './reorder-window.ts';
import type { ReceptionReport } from './rtcp.ts';
import { PacketReader } from './rtp-packet.ts';

/** How an RTP stream is received and where its payloads go. */
export type RtpReceiverOptions = {
  readonly clockRateHz: number;
  /** 'none' for TCP: order is the transport's. Otherwise packets wait for a missing one, bounded by count and time. */
  readonly reorder: 'none' | { readonly maxPackets: number; readonly maxDelayMs: number };
  /** Payload types to accept; undefined accepts all. Packets of other types are counted as malformed and left out. */
  readonly payloadTypes?: readonly number[];
  /** The payload is a view into the packet. `ptsTicks` never wraps and is never negative. */
  onPayload(payload: Uint8Array, ptsTicks: number, marker: boolean): void;
  /** Called before the payload that follows the gap. */
  onLost(packets: number): void;
  /** The sender changed (SSRC) or jumped in sequence; what was held has been delivered, ticks go on growing. */
  onRestart?(): void;
};

/** Counters since the receiver was opened. */
export type RtpReceiverStats = {
  readonly packetsReceived: number;
  readonly bytesReceived: number;
  readonly packetsLost: number;
  /** Came after the receiver had given up on them (over TCP: out of order). */
  readonly packetsLate: number;
  readonly packetsDuplicate: number;
  readonly packetsMalformed: number;
  /** RFC 3550 A.8 interarrival jitter. */
  readonly jitterTicks: number;
};

/** One RTP stream's receiving side. @see RFC 3550 A */
export type RtpReceiver = {
  /**
   * A whole RTP packet, header first, in `bytes` from `start` up to `end` (all of it by default); kept only while it waits for an
   * earlier one. `arrivalMs` is monotonic.
   */
  push(bytes: Uint8Array, arrivalMs: number, start?: number, end?: number): void;
  /** Gives up on missing packets that are older than the reorder window's time. */
  tick(nowMs: number): void;
  /** Delivers everything held, in order. */
  flush(): void;
  /** A 32-bit RTP timestamp (of a sender report, RTP-Info) on the growing time line; undefined before the first packet. */
  toTicks(rtpTimestamp: number): number | undefined;
  /** Notes a sender report for the next receiver report. */
  onSenderReport(ntpMiddle: number, arrivalMs: number): void;
  /** The report block for this source since the last call; undefined before the first packet. */
  report(nowMs: number): ReceptionReport | undefined;
  stats(): RtpReceiverStats;
  /** SSRC of the sender; undefined before the first packet. */
  readonly ssrc: number | undefined;
};

/** RFC 3550 A.1: a jump of this many packets ahead is a restart, not a loss. */
const maxDropout = 3000;
/** RFC 3550 A.1: this many packets back is late; more is a restart. */
const maxMisorder = 100;
/** Room for pictures presented before the first packet's, so that no tick is negative. */
const backwardRoomSeconds = 10;

/** Opens the receiving side of one RTP stream: header, order, losses, growing time. @see RFC 3550 5.1, A.1 */
export function openRtpReceiver(options: RtpReceiverOptions): RtpReceiver {
  return new Receiver(options);
}

class Receiver implements RtpReceiver {
  readonly #options: RtpReceiverOptions;
  readonly #reception: Reception;
  readonly #window: ReorderWindow | undefined;
  readonly #accepted: Uint8Array | undefined;
  #ssrc = -1;
  /** Sequence number that comes next. */
  #next = 0;
  #timestamp = 0;
  #ticks = -1;
  #arrivalMs = 0;
  #deliveredMs = 0;
  #restarted = false;
  /** The packet that has just come, and the one that had to wait for it. */
  readonly #packet = new PacketReader();
  readonly #waited = new PacketReader();
  /** First packet of what may be a new sender or sequence; believed when its successor comes. */
  #suspect: PacketReader | undefined;
  #packets = 0;
  #bytes = 0;
  #lost = 0;
  #late = 0;
  #duplicate = 0;
  #malformed = 0;

  constructor(options: RtpReceiverOptions) {
    this.#options = options;
    this.#reception = new Reception(options.clockRateHz);
    this.#window = options.reorder === 'none' ? undefined : new ReorderWindow(options.reorder);
    if (options.payloadTypes) {
      this.#accepted = new Uint8Array(128);
      for (const type of options.payloadTypes) this.#accepted[type & 0x7f] = 1;
    }
  }

  get ssrc(): number | undefined {
    return this.#ssrc < 0 ? undefined : this.#ssrc;
  }

  push(bytes: Uint8Array, arrivalMs: number, start = 0, end = bytes.length): void {
    const packet = this.#packet;
    if (!packet.read(bytes, start, end) || (this.#accepted && this.#accepted[packet.payloadType] === 0)) {
      this.#malformed++;
      return;
    }
    const { ssrc, sequence } = packet;
    this.#packets++;
    this.#bytes += packet.sizeBytes;
    if (ssrc !== this.#ssrc) {
      if (this.#ssrc >= 0 && !this.#believe(packet, sequence, ssrc)) return;
      this.#restart(ssrc, sequence);
    }
    let ahead = ((sequence - this.#next) << 16) >> 16;
    if (ahead >= maxDropout || ahead < -maxMisorder) {
      if (!this.#believe(packet, sequence, ssrc)) return;
      this.#restart(ssrc, sequence);
      ahead = 0;
    } else this.#suspect = undefined;
    this.#arrivalMs = arrivalMs;
    this.#reception.add(sequence, packet.timestamp, arrivalMs);
    if (ahead < 0) this.#countOld(ahead);
    else if (ahead === 0) this.#deliverFrom(packet, sequence);
    else this.#afterGap(packet, sequence, ahead);
  }

  tick(nowMs: number): void {
    while (this.#window && this.#window.count > 0 && this.#window.isOverdue(nowMs)) this.#skipGap();
  }

  flush(): void {
    while (this.#window && this.#window.count > 0) this.#skipGap();
  }

  toTicks(rtpTimestamp: number): number | undefined {
    return this.#ticks < 0 ? undefined : this.#ticks + ((rtpTimestamp - this.#timestamp) | 0);
  }

  onSenderReport(ntpMiddle: number, arrivalMs: number): void {
    this.#reception.onSenderReport(ntpMiddle, arrivalMs);
  }

  report(nowMs: number): ReceptionReport | undefined {
    return this.#ssrc < 0 ? undefined : this.#reception.report(this.#ssrc, nowMs);
  }

  stats(): RtpReceiverStats {
    return {
      packetsReceived: this.#packets,
      bytesReceived: this.#bytes,
      packetsLost: this.#lost,
      packetsLate: this.#late,
      packetsDuplicate: this.#duplicate,
      packetsMalformed: this.#malformed,
      jitterTicks: this.#reception.jitterTicks,
    };
  }

  /** Over TCP a jump is believed at once; over UDP only when the packet after it comes too (RFC 3550 A.1). */
  #believe(packet: PacketReader, sequence: number, ssrc: number): boolean {
    if (!this.#window) return true;
    const suspect = this.#suspect;
    this.#suspect = toKept(packet);
    if (!suspect || suspect.ssrc !== ssrc) return false;
    const before = suspect.sequence;
    if (((before + 1) & 0xffff) !== sequence) return false;
    this.#suspect = undefined;
    this.#restart(ssrc, before);
    this.#deliver(suspect, before);
    return true;
  }

  #restart(ssrc: number, sequence: number): void {
    if (this.#ssrc === ssrc && this.#next === sequence) return;
    this.flush();
    const first = this.#ssrc < 0;
    this.#ssrc = ssrc;
    this.#next = sequence;
    this.#reception.restart();
    if (first) return;
    this.#restarted = true;
    this.#options.onRestart?.();
  }

  #countOld(ahead: number): void {
    if (ahead === -1) this.#duplicate++;
    else this.#late++;
  }

  #afterGap(packet: PacketReader, sequence: number, ahead: number): void {
    const window = this.#window;
    if (!window) {
      this.#loseTo(sequence, ahead);
      this.#deliver(packet, sequence);
      return;
    }
    while (window.count > 0 && !window.fits(ahead)) {
      this.#skipGap();
      ahead = ((sequence - this.#next) << 16) >> 16;
    }
    if (ahead <= 0 || !window.fits(ahead)) {
      if (ahead > 0) this.#loseTo(sequence, ahead);
      this.#deliverFrom(packet, sequence);
      return;
    }
    if (!window.hold(packet.bytes.subarray(packet.start, packet.end), sequence, this.#arrivalMs)) this.#duplicate++;
    while (window.count > 0 && (window.isFull || window.isOverdue(this.#arrivalMs))) this.#skipGap();
  }

  /** Gives up on what is missing before the first held packet. */
  #skipGap(): void {
    const ahead = this.#window!.findFirst(this.#next);
    const sequence = (this.#next + ahead) & 0xffff;
    this.#loseTo(sequence, ahead);
    this.#drain();
  }

  #loseTo(sequence: number, packets: number): void {
    this.#lost += packets;
    this.#next = sequence;
    this.#options.onLost(packets);
  }

  #deliverFrom(packet: PacketReader, sequence: number): void {
    this.#deliver(packet, sequence);
    if (this.#window && this.#window.count > 0) this.#drain();
  }

  #drain(): void {
    for (let held = this.#window!.take(this.#next); held; held = this.#window!.take(this.#next)) {
      this.#waited.read(held, 0, held.length);
      this.#deliver(this.#waited, this.#next);
    }
  }

  #deliver(packet: PacketReader, sequence: number): void {
    this.#next = (sequence + 1) & 0xffff;
    this.#extend(packet.timestamp);
    const payload = packet.bytes.subarray(packet.payloadStart, packet.payloadEnd);
    this.#options.onPayload(payload, this.#ticks, packet.marker);
  }

  /** 32-bit timestamp → growing ticks; a step back of less than 2^31 stays a step back. */
  #extend(timestamp: number): void {
    if (this.#ticks < 0) {
      this.#ticks = timestamp < this.#options.clockRateHz * backwardRoomSeconds ? timestamp + 2 ** 32 : timestamp;
    } else if (this.#restarted) {
      this.#ticks += Math.max(1, this.#elapsedTicks());
    } else {
      this.#ticks = Math.max(0, this.#ticks + ((timestamp - this.#timestamp) | 0));
    }
    this.#deliveredMs = this.#arrivalMs;
    this.#restarted = false;
    this.#timestamp = timestamp;
  }

  #elapsedTicks(): number {
    return Math.round(((this.#arrivalMs - this.#deliveredMs) * this.#options.clockRateHz) / 1000);
  }
}

/** The packet as it can be kept until the next one: its reader is used again. */
function toKept(packet: PacketReader): PacketReader {
  const kept = new PacketReader();
  kept.read(packet.bytes, packet.start, packet.end);
  return kept;
}
