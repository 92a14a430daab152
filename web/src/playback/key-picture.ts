/**
 * A one-picture MP4 taken apart for a `VideoDecoder`. In: bytes of `ftyp moov moof mdat` with one video sample.
 * Out: codec string, decoder configuration record, coded picture; undefined when it is not such a file. Copies nothing.
 */
export type KeyPicture = { readonly codec: string; readonly description: Uint8Array; readonly data: Uint8Array };

/** Bytes of a sample entry before its child boxes. @see ISO/IEC 14496-12 12.1.3 */
const visualEntryBytes = 78;

export function parseKeyPicture(bytes: Uint8Array): KeyPicture | undefined {
  const data = findBox(bytes, ['mdat']);
  const entries = findBox(bytes, ['moov', 'trak', 'mdia', 'minf', 'stbl', 'stsd'])?.subarray(8);
  if (!data || !entries) return undefined;
  for (const [entry, box] of [
    ['avc1', 'avcC'],
    ['avc3', 'avcC'],
    ['hvc1', 'hvcC'],
    ['hev1', 'hvcC'],
  ] as const) {
    const description = findBox(findBox(entries, [entry])?.subarray(visualEntryBytes) ?? entries.subarray(0, 0), [box]);
    if (!description || description.length < 13) continue;
    const codec =
      box === 'avcC' ? `${entry}.${toHex(description.subarray(1, 4))}` : `${entry}.${toHevcCodec(description)}`;
    return { codec, description, data };
  }
  return undefined;
}

/** Payload of the first box along a path; undefined when a box is missing or longer than what holds it. */
function findBox(bytes: Uint8Array, path: readonly string[]): Uint8Array | undefined {
  const [wanted, ...rest] = path;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 8 <= bytes.length;) {
    const size = view.getUint32(at);
    if (size < 8 || at + size > bytes.length) return undefined;
    if (String.fromCharCode(...bytes.subarray(at + 4, at + 8)) === wanted) {
      const body = bytes.subarray(at + 8, at + size);
      return rest.length === 0 ? body : findBox(body, rest);
    }
    at += size;
  }
  return undefined;
}

const toHex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** @see ISO/IEC 14496-15 annex E.3 */
function toHevcCodec(record: Uint8Array): string {
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  const profile = view.getUint8(1);
  let flags = view.getUint32(2);
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) {
    reversed = ((reversed << 1) | (flags & 1)) >>> 0;
    flags >>>= 1;
  }
  const space = ['', 'A', 'B', 'C'][profile >> 6] ?? '';
  const tier = (profile & 0x20) === 0 ? 'L' : 'H';
  const constraints = toHex(record.subarray(6, 12)).replace(/(00)+$/, '');
  const pairs = constraints.match(/../g)?.map((pair) => pair.replace(/^0/, '').toUpperCase()) ?? [];
  return [`${space}${profile & 0x1f}`, reversed.toString(16), `${tier}${view.getUint8(12)}`, ...pairs].join('.');
}
