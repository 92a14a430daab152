import type { Fault } from './fault.ts';

/** Random numbers from 0 to below 1, the same for the same seed. */
export type Random = () => number;

/** Opens a random generator that a test can repeat (mulberry32). */
export function openRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Applies a fault to the RTP packets of one frame: returns those to send, in the order to send them.
 * Packets that change are copied; those that do not are passed on as they are.
 */
export function toFaultyPackets(packets: readonly Uint8Array[], fault: Fault, random: Random): Uint8Array[] {
  const out: Uint8Array[] = [];
  for (const packet of packets) {
    if (random() < (fault.drop ?? 0)) continue;
    let sent = fault.marker === undefined ? packet : withMarker(packet, fault.marker);
    if (random() < (fault.corrupt ?? 0)) sent = withTurnedBit(sent, random);
    const swaps = out.length > 0 && random() < (fault.reorder ?? 0);
    if (swaps) out.splice(out.length - 1, 0, sent);
    else out.push(sent);
    if (random() < (fault.duplicate ?? 0)) out.push(sent);
  }
  return out;
}

function withMarker(packet: Uint8Array, marker: 'always' | 'never'): Uint8Array {
  const copy = packet.slice();
  copy[1] = marker === 'always' ? copy[1]! | 0x80 : copy[1]! & 0x7f;
  return copy;
}

/** Turns a bit behind the RTP header, so that the packet still finds its way to the decoder. */
function withTurnedBit(packet: Uint8Array, random: Random): Uint8Array {
  if (packet.length <= 12) return packet;
  const copy = packet.slice();
  const at = 12 + Math.floor(random() * (packet.length - 12));
  copy[at]! ^= 1 << Math.floor(random() * 8);
  return copy;
}
