import { execFileSync } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { concatBytes } from '#bytes';
import { type ByteSource, toFragmentSample, toSampleBytes, writeFragment, writeInit } from '#fmp4';
import type { Movie } from '../index.ts';

/** A file on disk as a `ByteSource`. */
export function openSource(path: string): ByteSource & { close(): void } {
  const file = openSync(path, 'r');
  return {
    sizeBytes: fstatSync(file).size,
    readAt(offsetBytes, lengthBytes) {
      const bytes = new Uint8Array(lengthBytes);
      return bytes.subarray(0, readSync(file, bytes, 0, lengthBytes, offsetBytes));
    },
    close: () => closeSync(file),
  };
}

/** Bytes in memory as a `ByteSource`. */
export function toSource(bytes: Uint8Array): ByteSource {
  return { sizeBytes: bytes.length, readAt: (offset, length) => bytes.subarray(offset, offset + length) };
}

/** The first video and audio track that MP4 can hold, written anew as fragments of about half a second. */
export function toFragmented(movie: Movie): Uint8Array {
  const tracks = [...movie.tracks.entries()].filter(([, { codec }]) => codec !== 'pcmu' && codec !== 'pcma');
  const parts = [writeInit(tracks.map(([, description]) => description))];
  const cursors = tracks.map(([track, { clockRateHz }], index) => ({
    track,
    clockRateHz,
    trackId: index + 1,
    index: 0,
  }));
  for (let sequenceNumber = 1; ; sequenceNumber++) {
    const data: Uint8Array[] = [];
    const written = cursors.flatMap((cursor) => {
      const table = movie.samples[cursor.track]!;
      const origin = table.dtsTicks[0]!;
      const samples = [];
      const baseDecodeTicks = (table.dtsTicks[cursor.index] ?? 0) - origin;
      while (cursor.index < table.sampleCount) {
        const dtsTicks = table.dtsTicks[cursor.index]!;
        if (dtsTicks - origin >= (sequenceNumber * cursor.clockRateHz) / 2) break;
        const frame = movie.readSample(cursor.track, cursor.index);
        samples.push(toFragmentSample(frame, dtsTicks, table.durationTicks[cursor.index++]!));
        data.push(...toSampleBytes(frame));
      }
      return samples.length === 0 ? [] : [{ trackId: cursor.trackId, baseDecodeTicks, samples }];
    });
    if (written.length > 0) parts.push(writeFragment({ sequenceNumber, tracks: written }), ...data);
    if (cursors.every(({ track, index }) => index === movie.samples[track]!.sampleCount)) return concatBytes(parts);
  }
}

/** Frame hashes by ffmpeg: pictures decoded, sound as it is; edit lists not applied, so that every frame counts. */
export function framemd5(path: string, stream: 'v:0' | 'a:0'): string[] {
  const codec = stream === 'a:0' ? ['-c', 'copy'] : ['-fps_mode', 'passthrough'];
  const args = [
    '-v',
    'error',
    '-threads',
    '1',
    '-ignore_editlist',
    '1',
    '-i',
    path,
    '-map',
    `0:${stream}`,
    ...codec,
    '-f',
    'framemd5',
    '-',
  ];
  const text = execFileSync('ffmpeg', args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  return text
    .split('\n')
    .flatMap((line) => (line === '' || line.startsWith('#') ? [] : [line.split(',').at(-1)!.trim()]));
}
