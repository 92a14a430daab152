import { MediaError, type FrameMemory, type NalUnit, type VideoCodec } from '#frame';
import { concatBytes } from '#bytes';

/** nal_unit_type of a NAL unit's first byte. @see ITU-T H.264 7.3.1, H.265 7.3.1.2 */
export function nalTypeOf(codec: VideoCodec, firstByte: number): number {
  return codec === 'h264' ? firstByte & 0x1f : (firstByte >> 1) & 0x3f;
}

/** One NAL unit of contiguous bytes, header first. A view. */
export function toNalUnit(codec: VideoCodec, bytes: Uint8Array): NalUnit {
  return { type: nalTypeOf(codec, bytes[0] ?? 0), parts: [bytes], sizeBytes: bytes.length };
}

/** A NAL unit that lies behind its length in memory. The view of it alone is made when somebody asks: on the way to disk nobody does. */
export class PrefixedUnit implements NalUnit {
  readonly type: number;
  readonly sizeBytes: number;
  readonly lengthPrefixed: Uint8Array;
  readonly memory: FrameMemory;
  #parts: readonly Uint8Array[] | undefined;

  constructor(type: number, lengthPrefixed: Uint8Array, memory: FrameMemory) {
    this.type = type;
    this.sizeBytes = lengthPrefixed.length - 4;
    this.lengthPrefixed = lengthPrefixed;
    this.memory = memory;
  }

  get parts(): readonly Uint8Array[] {
    return (this.#parts ??= [this.lengthPrefixed.subarray(4)]);
  }
}

/** The byte at `offset`, or -1 past the end. */
export function byteAt(unit: NalUnit, offset: number): number {
  if (unit.lengthPrefixed) return offset < unit.sizeBytes ? unit.lengthPrefixed[offset + 4]! : -1;
  let left = offset;
  for (const part of unit.parts) {
    if (left < part.length) return part[left]!;
    left -= part.length;
  }
  return -1;
}

/** The 32 bits at byte `offset`, of which those past the end are undefined; as a signed number. */
export function wordAt(unit: NalUnit, offset: number): number {
  const high = (byteAt(unit, offset) << 8) | (byteAt(unit, offset + 1) & 0xff);
  return (high << 16) | ((byteAt(unit, offset + 2) & 0xff) << 8) | (byteAt(unit, offset + 3) & 0xff);
}

/** The first bytes, at most `maxBytes`: a view where one part has them, a copy otherwise. */
export function headOf(unit: NalUnit, maxBytes: number): Uint8Array {
  if (unit.lengthPrefixed) return unit.lengthPrefixed.subarray(4, 4 + Math.min(maxBytes, unit.sizeBytes));
  const first = unit.parts[0];
  if (first === undefined) return new Uint8Array(0);
  if (first.length >= maxBytes || unit.parts.length === 1) return first.subarray(0, maxBytes);
  const head = new Uint8Array(Math.min(maxBytes, unit.sizeBytes));
  let length = 0;
  for (const part of unit.parts) {
    const take = part.subarray(0, head.length - length);
    head.set(take, length);
    length += take.length;
    if (length === head.length) break;
  }
  return head;
}

/** The whole NAL unit in one array: its only part itself, a copy otherwise. */
export function toContiguous(unit: NalUnit): Uint8Array {
  return unit.parts.length === 1 ? unit.parts[0]! : concatBytes(unit.parts);
}

/** The value, or undefined where its bytes are broken. Other errors pass. */
export function tryParse<Value>(parse: () => Value): Value | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof MediaError) return undefined;
    throw error;
  }
}

/** No parameter set comes near this; they are kept for as long as the stream lives, so their size is bounded. */
const maxParameterSetBytes = 16 * 1024;

/** Throws `MediaError` for a parameter set that is too large to be one. */
export function checkParameterSetSize(unit: NalUnit): void {
  if (unit.sizeBytes > maxParameterSetBytes) {
    throw new MediaError('too-large', `Expected a parameter set of at most 16 KiB, got ${unit.sizeBytes} bytes`);
  }
}
