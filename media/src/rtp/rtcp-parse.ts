import { parseUtf8, readU16, readU24, readU32 } from '#bytes';
import { MediaError } from '#frame';
import type { ReceptionReport, RtcpPacket } from './rtcp.ts';

const ntpEpochSeconds = 2_208_988_800;

/**
 * The packets of one RTCP compound. Types without use here (APP, XR …) are stepped over.
 * Throws `MediaError` when a length leads outside the bytes; cameras send compounds without SR or RR first, which is accepted.
 * @see RFC 3550 6.1
 */
export function parseRtcp(bytes: Uint8Array): RtcpPacket[] {
  const packets: RtcpPacket[] = [];
  for (let offset = 0; offset + 4 <= bytes.length;) {
    if (bytes[offset]! >> 6 !== 2) throw new MediaError('malformed', 'Expected RTCP version 2', offset);
    const sizeBytes = (readU16(bytes, offset + 2) + 1) * 4;
    if (offset + sizeBytes > bytes.length) throw new MediaError('truncated', 'RTCP length leads outside', offset);
    const packet = toPacket(bytes.subarray(offset, offset + sizeBytes));
    if (packet) packets.push(packet);
    offset += sizeBytes;
  }
  return packets;
}

/** Whether bytes that share a port or channel with RTP are RTCP. @see RFC 5761 4 */
export function isRtcp(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes[0]! >> 6 === 2 && bytes[1]! >= 192 && bytes[1]! <= 223;
}

function toPacket(bytes: Uint8Array): RtcpPacket | undefined {
  const count = bytes[0]! & 0x1f;
  switch (bytes[1]) {
    case 200:
      return parseSenderReport(bytes, count);
    case 201:
      return { kind: 'receiver-report', ssrc: readU32(bytes, 4), reports: parseReports(bytes, 8, count) };
    case 202:
      return parseSourceDescription(bytes, count);
    case 203:
      return parseGoodbye(bytes, count);
    case 205:
      return count === 1 ? parseNack(bytes) : undefined;
    case 206:
      return parsePayloadFeedback(bytes, count);
    default:
      return undefined;
  }
}

function parseSenderReport(bytes: Uint8Array, count: number): RtcpPacket {
  const seconds = readU32(bytes, 8);
  const fraction = readU32(bytes, 12);
  return {
    kind: 'sender-report',
    ssrc: readU32(bytes, 4),
    ntpMs: toUnixMs(seconds, fraction),
    ntpMiddle: (((seconds & 0xffff) << 16) | (fraction >>> 16)) >>> 0,
    rtpTimestamp: readU32(bytes, 16),
    packetCount: readU32(bytes, 20),
    octetCount: readU32(bytes, 24),
    reports: parseReports(bytes, 28, count),
  };
}

/** NTP seconds below 2^31 belong to the era that begins in 2036. @see RFC 4330 3 */
function toUnixMs(seconds: number, fraction: number): number {
  const era = seconds < 2 ** 31 ? 2 ** 32 : 0;
  return (seconds + era - ntpEpochSeconds) * 1000 + (fraction * 1000) / 2 ** 32;
}

/** As many whole blocks as fit: some cameras count one that they do not send. */
function parseReports(bytes: Uint8Array, offset: number, count: number): ReceptionReport[] {
  const reports: ReceptionReport[] = [];
  for (let at = offset; reports.length < count && at + 24 <= bytes.length; at += 24) {
    reports.push({
      ssrc: readU32(bytes, at),
      fractionLost: bytes[at + 4]!,
      packetsLost: (readU24(bytes, at + 5) << 8) >> 8,
      highestSequence: readU32(bytes, at + 8),
      jitterTicks: readU32(bytes, at + 12),
      lastSenderReport: readU32(bytes, at + 16),
      delaySinceLastSenderReport: readU32(bytes, at + 20),
    });
  }
  return reports;
}

/** The CNAME of the first chunk that has one. */
function parseSourceDescription(bytes: Uint8Array, count: number): RtcpPacket | undefined {
  let offset = 4;
  for (let chunk = 0; chunk < count && offset + 4 <= bytes.length; chunk++) {
    const ssrc = readU32(bytes, offset);
    offset += 4;
    while (offset < bytes.length && bytes[offset] !== 0) {
      const end = offset + 2 + (bytes[offset + 1] ?? 0);
      if (end > bytes.length) throw new MediaError('truncated', 'SDES item leads outside', offset);
      if (bytes[offset] === 1) {
        return { kind: 'source-description', ssrc, cname: parseUtf8(bytes.subarray(offset + 2, end)) };
      }
      offset = end;
    }
    offset = (offset + 4) & ~3;
  }
  return undefined;
}

function parseGoodbye(bytes: Uint8Array, count: number): RtcpPacket {
  const ssrcs: number[] = [];
  let offset = 4;
  for (; ssrcs.length < count && offset + 4 <= bytes.length; offset += 4) ssrcs.push(readU32(bytes, offset));
  const lengthBytes = bytes[offset] ?? 0;
  return { kind: 'goodbye', ssrcs, reason: parseUtf8(bytes.subarray(offset + 1, offset + 1 + lengthBytes)) };
}

function parseNack(bytes: Uint8Array): RtcpPacket {
  const sequenceNumbers: number[] = [];
  for (let at = 12; at + 4 <= bytes.length; at += 4) {
    const first = readU16(bytes, at);
    const mask = readU16(bytes, at + 2);
    sequenceNumbers.push(first);
    for (let bit = 0; bit < 16; bit++) if ((mask >> bit) & 1) sequenceNumbers.push((first + bit + 1) & 0xffff);
  }
  return { kind: 'nack', ssrc: readU32(bytes, 4), mediaSsrc: readU32(bytes, 8), sequenceNumbers };
}

function parsePayloadFeedback(bytes: Uint8Array, format: number): RtcpPacket | undefined {
  const ssrc = readU32(bytes, 4);
  if (format === 1) return { kind: 'picture-loss', ssrc, mediaSsrc: readU32(bytes, 8) };
  if (format !== 4 || bytes.length < 20) return undefined;
  return { kind: 'full-intra-request', ssrc, mediaSsrc: readU32(bytes, 12), sequence: bytes[16]! };
}
