import type { BytesWriter } from '#bytes';

/** Writes a box header with an empty size and says where it is; `endBox` fills the size in. @see ISO/IEC 14496-12 4.2 */
export function beginBox(writer: BytesWriter, type: string): number {
  const startBytes = writer.length;
  writer.u32(0); // size
  writer.text(type); // type
  return startBytes;
}

/** A box with version and flags. @see ISO/IEC 14496-12 4.2.2 */
export function beginFullBox(writer: BytesWriter, type: string, version: number, flags: number): number {
  const startBytes = beginBox(writer, type);
  writer.u8(version); // version
  writer.u24(flags); // flags
  return startBytes;
}

/** Fills in the size of the box that began at `startBytes`. */
export function endBox(writer: BytesWriter, startBytes: number): void {
  writer.patchU32(startBytes, writer.length - startBytes);
}
