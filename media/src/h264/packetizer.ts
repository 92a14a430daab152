import type { NalUnit } from '#frame';
import { toContiguous } from '#nal';

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
    const bytes = toContiguous(unit);
    const isSet = unit.type === 7 || unit.type === 8 || unit.type === 13 || unit.type === 15;
    if (!isSet || setsBytes + 2 + bytes.length > maxPayloadBytes) aggregate();
    if (isSet && setsBytes + 2 + bytes.length <= maxPayloadBytes) {
      sets.push(bytes);
      setsBytes += 2 + bytes.length;
    } else if (bytes.length <= maxPayloadBytes) payloads.push(bytes);
    else pushFragments(payloads, bytes, maxPayloadBytes);
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
function pushFragments(payloads: Uint8Array[], bytes: Uint8Array, maxPayloadBytes: number): void {
  const count = Math.ceil((bytes.length - 1) / (maxPayloadBytes - 2));
  const pieceBytes = Math.ceil((bytes.length - 1) / count);
  for (let at = 1; at < bytes.length; at += pieceBytes) {
    const end = Math.min(bytes.length, at + pieceBytes);
    const payload = new Uint8Array(2 + end - at);
    payload[0] = (bytes[0]! & 0x60) | 28;
    payload[1] = (at === 1 ? 0x80 : 0) | (end === bytes.length ? 0x40 : 0) | (bytes[0]! & 0x1f);
    payload.set(bytes.subarray(at, end), 2);
    payloads.push(payload);
  }
}
