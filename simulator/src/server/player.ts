import type { Clock } from '@porchlight/base/clock';
import type { RtcpPacketToWrite } from '@porchlight/media/rtp';
import { hasPacketFaults, toFaultyPackets, type Fault, type Random } from '#faults';
import { packetOf, stampBlock, type PacketBlock, type Scene, type SceneTrack } from '#scene';

/** Who plays a path: a TCP or UDP session. */
export type PlayerClient = {
  /** All packets of a frame, stamped but for the channel. Returns true when the bytes are still needed afterwards. */
  sendBlock(track: number, block: PacketBlock): boolean;
  /** Single RTP packets without interleaved header; not changed afterwards. */
  sendPackets(track: number, packets: readonly Uint8Array[]): void;
  /** A sender report and its CNAME, or deliberate rubbish. */
  sendRtcp(track: number, packets: readonly RtcpPacketToWrite[] | Uint8Array): void;
  /** The fault `garbage`. */
  sendGarbage(bytes: Uint8Array): void;
  /** The fault `close`. */
  end(how: 'fin' | 'reset'): void;
  /** The fault `halfOpen`. */
  setFrozen(frozen: boolean): void;
};

/** Counters and time line of one track as it is sent. */
type TrackState = {
  ssrc: number;
  sequence: number;
  /** RTP timestamp at the path's own time 0. */
  timestampBase: number;
  packets: number;
  octets: number;
};

const senderReportMs = 5000;
const garbageBytes = 20_000;
/** When the process could not keep up for this long, time is left out rather than made up for. */
const maxBehindMs = 5000;

export type PlayerOptions = {
  readonly scene: Scene;
  /** Shown by the fault `parameterChange`; must have the same kinds of tracks. */
  readonly alternate: Scene | undefined;
  /** Shown and described by the fault `swap`. */
  readonly replacement: Scene | undefined;
  /** Where in the loop the first client's play begins. */
  readonly startAtMs: number;
  readonly clock: Clock;
  readonly random: Random;
  /** Called just before a frame is handed to the clients. */
  readonly onSent: ((kind: 'video' | 'audio', sample: number) => void) | undefined;
};

/**
 * One path: plays its scene while anybody listens, the same packets to everybody.
 * The loop begins (at `startAtMs`) when the first client plays and stops when the last one leaves.
 */
export class Player {
  /** Counts descriptions: sessions of an earlier one are over. */
  generation = 0;
  /** Pictures handed to the clients so far, each once however many there are. */
  sentPictures = 0;
  readonly clients = new Set<PlayerClient>();
  readonly #options: PlayerOptions;
  readonly #openedMs: number;
  #states: TrackState[];
  /** Whose tracks the SDP has; what is shown may differ by the fault `parameterChange`. */
  #described: Scene;
  #scene: Scene;
  #fault: Fault | undefined;
  #entry = 0;
  #round = 0;
  /** Monotonic time at which round 0 began. */
  #roundZeroMs = 0;
  /** The same on each track's own time line, in whole ticks, so that frames stay evenly spaced. */
  #roundZeroTicks: number[] = [];
  #jitterMs = 0;
  #nextReportMs = 0;

  constructor(options: PlayerOptions) {
    this.#options = options;
    this.#scene = options.scene;
    this.#described = options.scene;
    this.#openedMs = options.clock.monotonicMs();
    this.#states = this.#newStates();
  }

  /** What the SDP describes. */
  get tracks(): readonly SceneTrack[] {
    return this.#described.tracks;
  }

  get fault(): Fault | undefined {
    return this.#fault;
  }

  setFault(fault: Fault | undefined): void {
    const before = this.#fault;
    this.#fault = fault;
    for (const client of this.clients) client.setFrozen(fault?.halfOpen === true);
    if (fault?.restart) this.#restart();
    if (before?.reboot && !fault?.reboot) this.#states = this.#newStates();
    if (fault?.garbage) this.#sendGarbage();
    const { scene, alternate, replacement } = this.#options;
    const described = (fault?.swap && replacement) || scene;
    if (described !== this.#described) {
      this.#described = described;
      this.generation++;
      this.#endAll('fin');
      this.#states = this.#newStates();
    }
    const shown = (described === scene && fault?.parameterChange && alternate) || described;
    if (shown !== this.#scene) {
      this.#scene = shown;
      this.#rewind(this.#options.clock.monotonicMs(), 0);
    }
    if (fault?.reboot) this.#endAll('reset');
    else if (fault?.close) this.#endAll(fault.close);
  }

  #endAll(how: 'fin' | 'reset'): void {
    for (const client of [...this.clients]) client.end(how);
  }

  /** Letters and dollars among it, as when a camera's buffers are mixed up. */
  #sendGarbage(): void {
    const { random } = this.#options;
    const bytes = Uint8Array.from({ length: garbageBytes }, () => Math.floor(random() * 256));
    for (const client of this.clients) client.sendGarbage(bytes);
  }

  add(client: PlayerClient): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.clients.size === 0) {
      this.#rewind(nowMs, this.#options.startAtMs);
      this.#nextReportMs = nowMs;
    }
    this.clients.add(client);
    client.setFrozen(this.#fault?.halfOpen === true);
  }

  remove(client: PlayerClient): void {
    this.clients.delete(client);
  }

  /** What `RTP-Info` and SDP say of a track. */
  state(track: number): { readonly ssrc: number; readonly sequence: number; readonly rtpTimestamp: number } {
    const { ssrc, sequence } = this.#states[track]!;
    return { ssrc, sequence, rtpTimestamp: this.#toTimestamp(track, this.#options.clock.monotonicMs()) };
  }

  /** Sends what is due. */
  tick(nowMs: number): void {
    if (this.clients.size === 0) return;
    const fault = this.#fault;
    const untilMs = nowMs - (fault?.delayMs ?? 0) - this.#jitterMs;
    const behindMs = untilMs - this.#dueMs();
    if (behindMs > maxBehindMs) this.#setRoundZero(this.#roundZeroMs + behindMs);
    for (let dueMs = this.#dueMs(); dueMs <= untilMs; dueMs = this.#dueMs()) {
      if (!this.#isSilent()) this.#sendEntry();
      this.#advance();
      if (fault?.jitterMs) this.#jitterMs = this.#options.random() * fault.jitterMs;
    }
    if (!fault?.jitterMs) this.#jitterMs = 0;
    if (nowMs >= this.#nextReportMs && !this.#isSilent()) this.#sendReports(nowMs);
  }

  /** Nothing at all is sent; the fault `stall=video` lets sound and reports through. */
  #isSilent(): boolean {
    const fault = this.#fault;
    return fault?.stall === true || fault?.halfOpen === true || fault?.dripBytesPerSecond !== undefined;
  }

  #dueMs(): number {
    return this.#roundZeroMs + this.#round * this.#scene.durationMs + this.#scene.entries[this.#entry]!.dueMs;
  }

  #advance(): void {
    if (++this.#entry < this.#scene.entries.length) return;
    this.#entry = 0;
    this.#round++;
  }

  /** Begins the scene anew so that what lies at `atMs` of the loop, or the key picture before it, is due now. */
  #rewind(nowMs: number, atMs: number): void {
    const { entries, durationMs } = this.#scene;
    const wantedMs = atMs % durationMs;
    let first = 0;
    entries.forEach((entry, index) => {
      const isVideo = this.#scene.tracks[entry.track]!.description.kind === 'video';
      if (entry.dueMs <= wantedMs && isVideo && entry.key) first = index;
    });
    this.#entry = first;
    this.#round = 0;
    this.#setRoundZero(nowMs - entries[first]!.dueMs);
  }

  #setRoundZero(atMs: number): void {
    this.#roundZeroMs = atMs;
    this.#roundZeroTicks = this.tracks.map(({ description }) =>
      Math.round(((atMs - this.#openedMs) * description.clockRateHz) / 1000),
    );
  }

  #sendEntry(): void {
    const index = this.#entry;
    const entry = this.#scene.entries[index]!;
    const isVideo = this.#scene.tracks[entry.track]!.description.kind === 'video';
    if (isVideo && (this.#fault?.stall || (this.#fault?.noKeyFrames && entry.key))) return;
    const state = this.#states[entry.track];
    if (!state) return;
    const block = this.#scene.block(index);
    const clockRateHz = this.tracks[entry.track]!.description.clockRateHz;
    const fromTicks = clockRateHz / this.#scene.tracks[entry.track]!.description.clockRateHz;
    const roundTicks = Math.round((this.#round * this.#scene.durationMs * clockRateHz) / 1000);
    const jumpTicks = Math.round(((this.#fault?.timestampJumpMs ?? 0) * clockRateHz) / 1000);
    const ticks = this.#roundZeroTicks[entry.track]! + roundTicks + Math.round(entry.ptsTicks * fromTicks) + jumpTicks;
    const timestamp = (((state.timestampBase + ticks) % 2 ** 32) + 2 ** 32) % 2 ** 32;
    stampBlock(block, { channel: 0, sequence: state.sequence, timestamp, ssrc: state.ssrc });
    state.sequence = (state.sequence + block.starts.length) & 0xffff;
    state.packets += block.starts.length;
    state.octets += block.payloadBytes;
    if (isVideo) this.sentPictures++;
    this.#options.onSent?.(isVideo ? 'video' : 'audio', entry.sample);
    if (hasPacketFaults(this.#fault)) this.#sendFaulty(entry.track, block, this.#fault);
    else this.#sendWhole(entry.track, index, block);
  }

  #sendWhole(track: number, index: number, block: PacketBlock): void {
    let shared = block;
    for (const client of this.clients) {
      if (!client.sendBlock(track, shared)) continue;
      // The socket still holds these bytes: they are its own now.
      if (shared === block) this.#scene.lend(index);
      shared = { ...shared, bytes: shared.bytes.slice() };
    }
  }

  #sendFaulty(track: number, block: PacketBlock, fault: Fault): void {
    const packets = Array.from(block.starts, (_, index) => packetOf(block, index).slice());
    const faulty = toFaultyPackets(packets, fault, this.#options.random);
    for (const client of this.clients) client.sendPackets(track, faulty);
  }

  #sendReports(nowMs: number): void {
    this.#nextReportMs = nowMs + senderReportMs;
    this.#states.forEach((state, track) => {
      const report = this.#fault?.badRtcp
        ? Uint8Array.of(0x40, 200, 0xff, 0xff, 1, 2, 3, 4)
        : this.#toReport(track, state, nowMs);
      for (const client of this.clients) client.sendRtcp(track, report);
    });
  }

  #toReport(track: number, state: TrackState, nowMs: number): RtcpPacketToWrite[] {
    const ntpMs = this.#options.clock.nowMs() + (this.#fault?.clockJumpMs ?? 0);
    const rtpTimestamp = this.#toTimestamp(track, nowMs);
    const { ssrc, packets, octets } = state;
    const counts = { packetCount: packets % 2 ** 32, octetCount: octets % 2 ** 32 };
    return [
      { kind: 'sender-report', ssrc, ntpMs, rtpTimestamp, ...counts, reports: [] },
      { kind: 'source-description', ssrc, cname: 'camera@simulator' },
    ];
  }

  #toTimestamp(track: number, nowMs: number): number {
    const { clockRateHz } = this.tracks[track]!.description;
    const mediaMs = nowMs - this.#openedMs + (this.#fault?.timestampJumpMs ?? 0);
    const timestamp = this.#states[track]!.timestampBase + Math.round((mediaMs * clockRateHz) / 1000);
    return ((timestamp % 2 ** 32) + 2 ** 32) % 2 ** 32;
  }

  #restart(): void {
    const { random } = this.#options;
    for (const state of this.#states) Object.assign(state, toNumbers(random));
  }

  #newStates(): TrackState[] {
    const { random } = this.#options;
    return this.tracks.map(() => ({ ...toNumbers(random), timestampBase: Math.floor(random() * 2 ** 32) }));
  }
}

function toNumbers(random: Random): Omit<TrackState, 'timestampBase'> {
  const ssrc = Math.floor(random() * 2 ** 32);
  return { ssrc, sequence: Math.floor(random() * 2 ** 16), packets: 0, octets: 0 };
}
