import { rtpHeaderBytes, writeRtpHeader } from '@porchlight/media/rtp';

/** `$`, channel and length in front of each packet. @see RFC 2326 10.12 */
export const interleavedHeaderBytes = 4;

/** All packets of one frame in one array, each with its interleaved header, ready to be written to a socket. */
export type PacketBlock = {
  readonly bytes: Uint8Array;
  /** Where each packet's interleaved header begins. */
  readonly starts: Uint32Array;
  readonly payloadBytes: number;
};

/** What is patched into a block before it is sent. */
export type BlockStamp = {
  readonly channel: number;
  /** Of the first packet; modulo 2^16. */
  readonly sequence: number;
  /** Modulo 2^32. */
  readonly timestamp: number;
  readonly ssrc: number;
};

/** Lays out the packets of one frame. `lastMarker`: the marker bit is set on the last one. */
export function toPacketBlock(payloads: readonly Uint8Array[], payloadType: number, lastMarker: boolean): PacketBlock {
  const overhead = interleavedHeaderBytes + rtpHeaderBytes;
  const payloadBytes = payloads.reduce((sum, payload) => sum + payload.length, 0);
  const bytes = new Uint8Array(payloadBytes + payloads.length * overhead);
  const starts = new Uint32Array(payloads.length);
  let at = 0;
  payloads.forEach((payload, index) => {
    const sizeBytes = rtpHeaderBytes + payload.length;
    starts[index] = at;
    bytes[at] = 0x24;
    bytes[at + 2] = sizeBytes >>> 8;
    bytes[at + 3] = sizeBytes;
    const marker = lastMarker && index === payloads.length - 1;
    writeRtpHeader(bytes, at + 4, { payloadType, marker, sequence: 0, timestamp: 0, ssrc: 0 });
    bytes.set(payload, at + overhead);
    at += overhead + payload.length;
  });
  return { bytes, starts, payloadBytes };
}

/** Patches channel, sequence, timestamp and SSRC of every packet of a block, in place. */
export function stampBlock(block: PacketBlock, stamp: BlockStamp): void {
  const { bytes, starts } = block;
  const { timestamp, ssrc } = stamp;
  let sequence = stamp.sequence;
  for (let index = 0; index < starts.length; index++) {
    const at = starts[index]!;
    bytes[at + 1] = stamp.channel;
    bytes[at + 6] = sequence >>> 8;
    bytes[at + 7] = sequence++;
    bytes[at + 8] = timestamp >>> 24;
    bytes[at + 9] = timestamp >>> 16;
    bytes[at + 10] = timestamp >>> 8;
    bytes[at + 11] = timestamp;
    bytes[at + 12] = ssrc >>> 24;
    bytes[at + 13] = ssrc >>> 16;
    bytes[at + 14] = ssrc >>> 8;
    bytes[at + 15] = ssrc;
  }
}

/** Packet `index` without its interleaved header, as a view. */
export function packetOf(block: PacketBlock, index: number): Uint8Array {
  const start = block.starts[index]!;
  const end = index + 1 < block.starts.length ? block.starts[index + 1]! : block.bytes.length;
  return block.bytes.subarray(start + interleavedHeaderBytes, end);
}
