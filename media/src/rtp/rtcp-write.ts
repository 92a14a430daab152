import { BytesWriter, writeUtf8 } from '#bytes';
import type { ReceptionReport, RtcpPacket } from './rtcp.ts';

const ntpEpochSeconds = 2_208_988_800;

/** What can be written: a sender report's NTP middle bits follow from its time. */
export type RtcpPacketToWrite =
  Exclude<RtcpPacket, { kind: 'sender-report' }> | Omit<Extract<RtcpPacket, { kind: 'sender-report' }>, 'ntpMiddle'>;

/** One compound of these packets, in order; begin it with a sender or receiver report. @see RFC 3550 6.1 */
export function writeRtcp(packets: readonly RtcpPacketToWrite[]): Uint8Array {
  const writer = new BytesWriter(128);
  for (const packet of packets) writeOne(writer, packet);
  return writer.finish();
}

/** NTP seconds and fraction of Unix milliseconds. */
export function toNtp(unixMs: number): { readonly seconds: number; readonly fraction: number } {
  const wholeSeconds = Math.floor(unixMs / 1000);
  const fraction = Math.min(0xffff_ffff, Math.round(((unixMs - wholeSeconds * 1000) / 1000) * 2 ** 32));
  return { seconds: (wholeSeconds + ntpEpochSeconds) % 2 ** 32, fraction };
}

function writeOne(writer: BytesWriter, packet: RtcpPacketToWrite): void {
  switch (packet.kind) {
    case 'sender-report': {
      const { seconds, fraction } = toNtp(packet.ntpMs);
      header(writer, packet.reports.length, 200, 6 + packet.reports.length * 6);
      writer.u32(packet.ssrc).u32(seconds).u32(fraction).u32(packet.rtpTimestamp);
      writer.u32(packet.packetCount).u32(packet.octetCount);
      return writeReports(writer, packet.reports);
    }
    case 'receiver-report':
      header(writer, packet.reports.length, 201, 1 + packet.reports.length * 6);
      writer.u32(packet.ssrc);
      return writeReports(writer, packet.reports);
    case 'source-description': {
      const cname = writeUtf8(packet.cname).subarray(0, 255);
      const padding = 4 - ((2 + cname.length) % 4);
      header(writer, 1, 202, 1 + (2 + cname.length + padding) / 4);
      writer.u32(packet.ssrc).u8(1).u8(cname.length).bytes(cname).bytes(new Uint8Array(padding));
      return;
    }
    case 'goodbye':
      return writeGoodbye(writer, packet.ssrcs, writeUtf8(packet.reason).subarray(0, 255));
    case 'picture-loss':
      header(writer, 1, 206, 2);
      writer.u32(packet.ssrc).u32(packet.mediaSsrc);
      return;
    case 'full-intra-request':
      header(writer, 4, 206, 4);
      writer.u32(packet.ssrc).u32(0).u32(packet.mediaSsrc).u8(packet.sequence).u24(0);
      return;
    case 'nack':
      return writeNack(writer, packet.ssrc, packet.mediaSsrc, packet.sequenceNumbers);
  }
}

function header(writer: BytesWriter, count: number, type: number, words: number): void {
  writer
    .u8(0x80 | count)
    .u8(type)
    .u16(words);
}

function writeReports(writer: BytesWriter, reports: readonly ReceptionReport[]): void {
  for (const report of reports) {
    writer.u32(report.ssrc).u8(report.fractionLost);
    writer.u24(report.packetsLost & 0xff_ffff).u32(report.highestSequence);
    writer.u32(report.jitterTicks).u32(report.lastSenderReport).u32(report.delaySinceLastSenderReport);
  }
}

function writeGoodbye(writer: BytesWriter, ssrcs: readonly number[], reason: Uint8Array): void {
  const reasonBytes = reason.length === 0 ? 0 : Math.ceil((1 + reason.length) / 4) * 4;
  header(writer, ssrcs.length, 203, ssrcs.length + reasonBytes / 4);
  for (const ssrc of ssrcs) writer.u32(ssrc);
  if (reasonBytes === 0) return;
  writer
    .u8(reason.length)
    .bytes(reason)
    .bytes(new Uint8Array(reasonBytes - 1 - reason.length));
}

/** Sequence numbers in growing order (modulo 2^16); those within 16 of the first share an entry. @see RFC 4585 6.2.1 */
function writeNack(writer: BytesWriter, ssrc: number, mediaSsrc: number, sequenceNumbers: readonly number[]): void {
  const entries: { first: number; mask: number }[] = [];
  for (const sequence of sequenceNumbers) {
    const last = entries.at(-1);
    const ahead = last ? (sequence - last.first) & 0xffff : 0;
    if (last && ahead >= 1 && ahead <= 16) last.mask |= 1 << (ahead - 1);
    else entries.push({ first: sequence & 0xffff, mask: 0 });
  }
  header(writer, 1, 205, 2 + entries.length);
  writer.u32(ssrc).u32(mediaSsrc);
  for (const entry of entries) writer.u16(entry.first).u16(entry.mask);
}
