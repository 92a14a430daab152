import type { NalUnit } from '#frame';
import { toContiguous } from '#nal';

/**
 * RTP payloads of a frame, each in one array, at most `maxPayloadBytes` long: single NAL units, fragmentation units for
 * larger ones, aggregation packets for parameter sets that follow each other. Payloads may be the NAL units' own arrays;
 * nothing is changed. The marker bit belongs on the last. @see RFC 7798 4
 */
export function packetizeH265(nalUnits: readonly NalUnit[], maxPayloadBytes: number): Uint8Array[] {
  if (maxPayloadBytes < 4) throw new TypeError(`Expected \`maxPayloadBytes\` of at least 4, got ${maxPayloadBytes}`);
  const payloads: Uint8Array[] = [];
  let sets: Uint8Array[] = [];
  let setsBytes = 2;
  const aggregate = (): void => {
    if (sets.length === 1) payloads.push(sets[0]!);
    else if (sets.length > 1) payloads.push(toAggregate(sets, setsBytes));
    sets = [];
    setsBytes = 2;
  };
  for (const unit of nalUnits) {
    const bytes = toContiguous(unit);
    const isSet = unit.type >= 32 && unit.type <= 34;
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

/** @see RFC 7798 4.4.2 */
function toAggregate(nalUnits: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  const payload = new Uint8Array(sizeBytes);
  let at = 2;
  let layerId = 63;
  let temporalIdPlus1 = 7;
  for (const bytes of nalUnits) {
    layerId = Math.min(layerId, ((bytes[0]! & 1) << 5) | (bytes[1]! >> 3));
    temporalIdPlus1 = Math.min(temporalIdPlus1, bytes[1]! & 7);
    payload[at] = bytes.length >> 8;
    payload[at + 1] = bytes.length;
    payload.set(bytes, at + 2);
    at += 2 + bytes.length;
  }
  payload[0] = (48 << 1) | (layerId >> 5);
  payload[1] = (layerId << 3) | temporalIdPlus1;
  return payload;
}

/** In pieces of nearly the same size. @see RFC 7798 4.4.3 */
function pushFragments(payloads: Uint8Array[], bytes: Uint8Array, maxPayloadBytes: number): void {
  const count = Math.ceil((bytes.length - 2) / (maxPayloadBytes - 3));
  const pieceBytes = Math.ceil((bytes.length - 2) / count);
  for (let at = 2; at < bytes.length; at += pieceBytes) {
    const end = Math.min(bytes.length, at + pieceBytes);
    const payload = new Uint8Array(3 + end - at);
    payload[0] = (bytes[0]! & 0x81) | (49 << 1);
    payload[1] = bytes[1]!;
    payload[2] = (at === 2 ? 0x80 : 0) | (end === bytes.length ? 0x40 : 0) | ((bytes[0]! >> 1) & 0x3f);
    payload.set(bytes.subarray(at, end), 3);
    payloads.push(payload);
  }
}
