import type { NalUnit } from '#frame';
import { PartReader, toContiguous } from '#nal';

/**
 * RTP payloads of a frame, each in one array, at most `maxPayloadBytes` long: single NAL units, FU-A for larger ones,
 * STAP-A for parameter sets that follow each other. Payloads may be the NAL units' own arrays; nothing is changed.
 * The marker bit belongs on the last. Packetization mode 1. @see RFC 6184 5
 */
export function packetizeH264(nalUnits: readonly NalUnit[], maxPayloadBytes: number): Uint8Array[] {
  if (maxPayloadBytes < 3) throw new TypeError(`Expected \`maxPayloadBytes\` of at least 3, got ${maxPayloadBytes}`);
  const payloads: Uint8Array[] = [];
  let sets: Uint8Array[] = [];
  let setsBytes = 1;
  const aggregate = (): void => {
    if (sets.length === 1) payloads.push(sets[0]!);
    else if (sets.length > 1) payloads.push(toStapA(sets, setsBytes));
    sets = [];
    setsBytes = 1;
  };
  for (const unit of nalUnits) {
    const size = unit.sizeBytes;
    const isSet = unit.type === 7 || unit.type === 8 || unit.type === 13 || unit.type === 15;
    if (!isSet || setsBytes + 2 + size > maxPayloadBytes) aggregate();
    if (isSet && setsBytes + 2 + size <= maxPayloadBytes) {
      sets.push(toContiguous(unit));
      setsBytes += 2 + size;
    } else if (size <= maxPayloadBytes) payloads.push(toContiguous(unit));
    else pushFragments(payloads, unit, maxPayloadBytes);
  }
  aggregate();
  return payloads;
}

/** @see RFC 6184 5.7.1 */
function toStapA(nalUnits: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  const payload = new Uint8Array(sizeBytes);
  let at = 1;
  let refIdc = 0;
  for (const bytes of nalUnits) {
    refIdc = Math.max(refIdc, bytes[0]! & 0x60);
    payload[at] = bytes.length >> 8;
    payload[at + 1] = bytes.length;
    payload.set(bytes, at + 2);
    at += 2 + bytes.length;
  }
  payload[0] = refIdc | 24;
  return payload;
}

/** FU-A, in pieces of nearly the same size. @see RFC 6184 5.8 */
function pushFragments(payloads: Uint8Array[], unit: NalUnit, maxPayloadBytes: number): void {
  const reader = new PartReader(unit);
  const header = new Uint8Array(1);
  reader.copyTo(header, 0, 1);
  const dataBytes = unit.sizeBytes - 1;
  const pieceBytes = Math.ceil(dataBytes / Math.ceil(dataBytes / (maxPayloadBytes - 2)));
  for (let at = 0; at < dataBytes; at += pieceBytes) {
    const size = Math.min(pieceBytes, dataBytes - at);
    const payload = new Uint8Array(2 + size);
    payload[0] = (header[0]! & 0x60) | 28;
    payload[1] = (at === 0 ? 0x80 : 0) | (at + size === dataBytes ? 0x40 : 0) | (header[0]! & 0x1f);
    reader.copyTo(payload, 2, size);
    payloads.push(payload);
  }
}
