import { BytesWriter, concatBytes, writeUtf8 } from '#bytes';

/** A box out of its parts: bytes, 32-bit numbers, text. */
export function box(type: string, ...parts: readonly (Uint8Array | number | string)[]): Uint8Array {
  const body = concatBytes(
    parts.map((part) =>
      typeof part === 'number'
        ? new BytesWriter().u32(part >>> 0).finish()
        : typeof part === 'string'
          ? writeUtf8(part)
          : part,
    ),
  );
  return concatBytes([
    new BytesWriter()
      .u32(body.length + 8)
      .text(type)
      .finish(),
    body,
  ]);
}

const zeros = (sizeBytes: number): Uint8Array => new Uint8Array(sizeBytes);

/** Tables of one track of 8-bit G.711 or of anything that `entry` says. */
export type TrackParts = {
  readonly entry: Uint8Array;
  readonly timescale: number;
  readonly handler?: 'soun' | 'vide' | 'tmcd';
  /** Beside stsd: stts, stsz, stsc, stco …, whole boxes. */
  readonly tables: readonly Uint8Array[];
  /** Entries of `elst` version 0: segment_duration, media_time. */
  readonly edits?: readonly (readonly [number, number])[];
};

/** A `trak` box. */
export function trak(trackId: number, parts: TrackParts): Uint8Array {
  const { edits = [], timescale, handler = 'soun' } = parts;
  const elst = box(
    'elst',
    0,
    edits.length,
    ...edits.flatMap(([duration, mediaTime]) => [duration, mediaTime, 0x10000]),
  );
  return box(
    'trak',
    box('tkhd', 0, 0, 0, trackId, zeros(68)),
    ...(edits.length > 0 ? [box('edts', elst)] : []),
    box(
      'mdia',
      box('mdhd', 0, 0, 0, timescale, 0, 0),
      box('hdlr', 0, 0, handler, zeros(13)),
      box('minf', box('stbl', box('stsd', 0, 1, parts.entry), ...parts.tables)),
    ),
  );
}

/** A `moov` box with a movie timescale of 1000. */
export function moov(...boxes: readonly Uint8Array[]): Uint8Array {
  return box('moov', box('mvhd', 0, 0, 0, 1000, zeros(84)), ...boxes);
}

/** QuickTime's sound description, version 0. */
export function soundEntry(type: string, channels = 1, rateHz = 8000): Uint8Array {
  const fields = new BytesWriter().u32(0).u16(0).u16(1); // reserved, data_reference_index
  fields.u32(0).u32(0); // version, revision, vendor
  fields
    .u16(channels)
    .u16(16)
    .u32(0)
    .u32(rateHz * 65536);
  return box(type, fields.finish());
}
