import { execFileSync } from 'node:child_process';
import { packetizeMpeg4Generic, stripAdts } from '@porchlight/media/aac';

/** Sound as a camera sends it: equal pieces, each one RTP packet. */
export type Sound = {
  readonly payloadType: number;
  readonly clockRateHz: number;
  readonly ticks: number;
  readonly pieces: readonly Uint8Array[];
  readonly payload: (piece: Uint8Array) => Uint8Array;
};

/** Seconds of AAC-LC, made by ffmpeg. */
export function makeAac(payloadType: number, sampleRateHz: number, channels: number): Sound {
  const source = ['-f', 'lavfi', '-i', `anoisesrc=d=12:r=${sampleRateHz}:seed=7`, '-ac', String(channels)];
  const coding = ['-ar', String(sampleRateHz), '-c:a', 'aac', '-b:a', '32k', '-f', 'adts', '-'];
  const bytes = execFileSync('ffmpeg', ['-nostdin', '-v', 'error', ...source, ...coding], { maxBuffer: 1 << 24 });
  const pieces: Uint8Array[] = [];
  for (let at = 0; at + 7 < bytes.length;) {
    const sizeBytes = ((bytes[at + 3]! & 3) << 11) | (bytes[at + 4]! << 3) | (bytes[at + 5]! >> 5);
    pieces.push(stripAdts(new Uint8Array(bytes.subarray(at, at + sizeBytes))));
    at += sizeBytes;
  }
  return {
    payloadType,
    clockRateHz: sampleRateHz,
    ticks: 1024,
    pieces,
    payload: (piece) => packetizeMpeg4Generic(piece, 1400)[0]!,
  };
}

/** Noise in G.711, 40 ms a piece. */
export function makeG711(payloadType: number): Sound {
  const pieces = Array.from({ length: 300 }, (_, piece) =>
    Uint8Array.from({ length: 320 }, (_sample, at) => ((piece * 320 + at) * 2_654_435_761) >>> 24),
  );
  return { payloadType, clockRateHz: 8000, ticks: 320, pieces, payload: (piece) => piece };
}
