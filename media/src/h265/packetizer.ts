import type { NalUnit } from '#frame';
import { PartReader, toContiguous } from '#nal';

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
    const size = unit.sizeBytes;
    const isSet = unit.type >= 32 && unit.type <= 34;
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
function pushFragments(payloads: Uint8Array[], unit: NalUnit, maxPayloadBytes: number): void {
  const reader = new PartReader(unit);
  const header = new Uint8Array(2);
  reader.copyTo(header, 0, 2);
  const dataBytes = unit.sizeBytes - 2;
  const pieceBytes = Math.ceil(dataBytes / Math.ceil(dataBytes / (maxPayloadBytes - 3)));
  for (let at = 0; at < dataBytes; at += pieceBytes) {
    const size = Math.min(pieceBytes, dataBytes - at);
    const payload = new Uint8Array(3 + size);
    payload[0] = (header[0]! & 0x81) | (49 << 1);
    payload[1] = header[1]!;
    payload[2] = (at === 0 ? 0x80 : 0) | (at + size === dataBytes ? 0x40 : 0) | ((header[0]! >> 1) & 0x3f);
    reader.copyTo(payload, 3, size);
    payloads.push(payload);
  }
}
