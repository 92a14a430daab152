import { MediaError } from '#frame';

/** Samples at 48 kHz of one frame, by the four sizes of SILK, hybrid and CELT. @see RFC 6716 3.1 table 2 */
const silkSamples = [480, 960, 1920, 2880] as const;
const celtSamples = [120, 240, 480, 960] as const;
/** An Opus packet holds at most 120 ms. @see RFC 6716 3.2.5 R5 */
const maxPacketSamples = 5760;

/** Duration of one Opus packet in samples at 48 kHz, from its TOC byte. @see RFC 6716 3.1, 3.2 */
export function toOpusDuration(packet: Uint8Array): number {
  const toc = packet[0];
  if (toc === undefined) throw new MediaError('truncated', 'Empty Opus packet');
  const samples = toFrameSamples(toc >> 3) * toFrameCount(packet, toc & 3);
  if (samples === 0 || samples > maxPacketSamples)
    throw new MediaError('malformed', 'Opus packet of impossible duration');
  return samples;
}

function toFrameSamples(configuration: number): number {
  if (configuration < 12) return silkSamples[configuration & 3]!;
  if (configuration < 16) return configuration & 1 ? 960 : 480;
  return celtSamples[configuration & 3]!;
}

function toFrameCount(packet: Uint8Array, code: number): number {
  if (code === 0) return 1;
  if (code < 3) return 2;
  const count = packet[1];
  if (count === undefined) throw new MediaError('truncated', 'Opus packet without frame count', 1);
  return count & 0x3f;
}
