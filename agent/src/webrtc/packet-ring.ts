/** One RTP packet without its header, shared by all viewers. Never changed. */
export type RtpUnit = {
  readonly payload: Buffer;
  readonly timestamp: number;
  readonly marker: boolean;
  /** Monotonic. */
  readonly atMs: number;
};

/**
 * The packets of one track under ever-growing indexes: the current group of pictures for replay, and what is younger than
 * two seconds (at most 4096 packets) for retransmission.
 */
export type PacketRing = {
  /** Oldest index held. */
  readonly first: number;
  /** Index of the packet to come. */
  readonly next: number;
  /** Where the current group of pictures starts; undefined while there is none that is held as a whole. */
  readonly groupStart: number | undefined;
  push(unit: RtpUnit, startsGroup: boolean): void;
  /** Undefined when it is not held (any more). */
  get(index: number): RtpUnit | undefined;
  /** No group is whole any more: the next one that starts is. */
  breakGroup(): void;
};

const slotCount = 16_384;
const largestGroup = 12_288;
const historyPackets = 4096;
const historyMs = 2000;

/** Opens an empty ring. */
export function openPacketRing(): PacketRing {
  const slots: (RtpUnit | undefined)[] = [];
  let first = 0;
  let next = 0;
  let groupStart: number | undefined;

  const trim = (nowMs: number): void => {
    const keepFrom = groupStart ?? next;
    while (first < keepFrom) {
      const oldest = slots[first % slotCount]!;
      if (next - first <= historyPackets && nowMs - oldest.atMs <= historyMs) return;
      slots[first % slotCount] = undefined;
      first++;
    }
  };
  return {
    get first() {
      return first;
    },
    get next() {
      return next;
    },
    get groupStart() {
      return groupStart;
    },
    push(unit, startsGroup) {
      if (startsGroup) groupStart = next;
      else if (groupStart !== undefined && next - groupStart >= largestGroup) groupStart = undefined;
      slots[next % slotCount] = unit;
      next++;
      trim(unit.atMs);
    },
    get: (index) => (index >= first && index < next ? slots[index % slotCount] : undefined),
    breakGroup: () => void (groupStart = undefined),
  };
}
