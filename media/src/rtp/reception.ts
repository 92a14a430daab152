import type { ReceptionReport } from './rtcp.ts';

/** What a receiver knows of one sender, for its reports: sequence range, losses, jitter. @see RFC 3550 A.1, A.3, A.8 */
export class Reception {
  readonly #clockRateHz: number;
  #base = -1;
  #highest = 0;
  #cycles = 0;
  #received = 0;
  #expectedBefore = 0;
  #receivedBefore = 0;
  #transit = 0;
  #jitter = 0;
  #senderReport = 0;
  #senderReportMs = 0;

  constructor(clockRateHz: number) {
    this.#clockRateHz = clockRateHz;
  }

  /** Interarrival jitter, rounded down as reports carry it. */
  get jitterTicks(): number {
    return Math.floor(this.#jitter);
  }

  /** A new sender, or the same one with a new sequence. The jitter estimate starts anew as well. */
  restart(): void {
    this.#base = -1;
    this.#cycles = 0;
    this.#received = 0;
    this.#expectedBefore = 0;
    this.#receivedBefore = 0;
    this.#jitter = 0;
    this.#senderReport = 0;
  }

  /** Counts one packet in the order of arrival. */
  add(sequence: number, timestamp: number, arrivalMs: number): void {
    const transit = (Math.round((arrivalMs * this.#clockRateHz) / 1000) - timestamp) | 0;
    if (this.#base < 0) {
      this.#base = sequence;
      this.#highest = sequence;
      this.#transit = transit;
    } else {
      const ahead = ((sequence - this.#highest) << 16) >> 16;
      if (ahead > 0) {
        if (sequence < this.#highest) this.#cycles += 0x1_0000;
        this.#highest = sequence;
      }
      const difference = Math.abs((transit - this.#transit) | 0);
      this.#transit = transit;
      this.#jitter += (difference - this.#jitter) / 16;
    }
    this.#received++;
  }

  onSenderReport(ntpMiddle: number, arrivalMs: number): void {
    this.#senderReport = ntpMiddle;
    this.#senderReportMs = arrivalMs;
  }

  /** The report block since the last call. @see RFC 3550 A.3 */
  report(ssrc: number, nowMs: number): ReceptionReport | undefined {
    if (this.#base < 0) return undefined;
    const expected = this.#cycles + this.#highest - this.#base + 1;
    const expectedNow = expected - this.#expectedBefore;
    const lostNow = expectedNow - (this.#received - this.#receivedBefore);
    this.#expectedBefore = expected;
    this.#receivedBefore = this.#received;
    const delayMs = this.#senderReport === 0 ? 0 : Math.max(0, nowMs - this.#senderReportMs);
    return {
      ssrc,
      fractionLost: expectedNow <= 0 || lostNow <= 0 ? 0 : Math.min(255, Math.floor((lostNow * 256) / expectedNow)),
      packetsLost: Math.max(-0x80_0000, Math.min(0x7f_ffff, expected - this.#received)),
      highestSequence: (this.#cycles + this.#highest) % 2 ** 32,
      jitterTicks: this.jitterTicks,
      lastSenderReport: this.#senderReport,
      delaySinceLastSenderReport: Math.min(0xffff_ffff, Math.round((delayMs * 65536) / 1000)),
    };
  }
}
