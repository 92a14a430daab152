/** Films that cost next to nothing: a few bytes that parse as pictures, ten a second, a key picture each second. */
import type { CodedFrame, VideoTrack } from '../../media/src/frame/index.ts';
import type { Movie } from '../../media/src/mp4/index.ts';

const pictures = 20;
const keyEvery = 10;
const pictureTicks = 9000;
/** A key picture is so many times as large as another. */
const keySizes = 5;
const toBytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64'));

type Look = { readonly codec: 'h264' | 'h265'; readonly sets: readonly string[]; readonly pictureBytes?: number };

/** Main film, what `parameter-change` shows, and what `swap` describes. Parameter sets are those of real cameras. */
export const looks = {
  main: { codec: 'h264', sets: ['Z0LAHtkDxWhAAAADAEAAAAwDxYuS', 'aMuMsg=='] },
  alternate: { codec: 'h264', sets: ['Z0LAHtkAoD2wFqDAwMg=', 'aMuDyyA='] },
  replacement: {
    codec: 'h265',
    sets: [
      'QAEMAf//AWAAAAMAsAAAAwAAAwBarAwAAAMABAAAAwAyqA==',
      'QgEBAWAAAAMAsAAAAwAAAwBaoAWCAeFja5JFL83BQYFBAAADAAEAAAMADKE=',
      'RAHA8saNA7NA',
    ],
  },
} as const satisfies Record<string, Look>;

const starts = {
  h264: { key: [0x65, 0x88, 0x84, 0x00, 0x33], other: [0x41, 0x9a, 0x24, 0x6c, 0x41] },
  h265: { key: [0x26, 0x01, 0xaf, 0x08, 0x40], other: [0x02, 0x01, 0xd0, 0x09, 0x7e] },
};

/** Size of a picture, of which a key picture has five, for so many Mbit/s. */
export function toPictureBytes(mbitPerSecond: number): number {
  const perSecond = keyEvery - 1 + keySizes;
  return Math.round((mbitPerSecond * 1e6) / 8 / perSecond);
}

/** Two seconds of a look. */
export function makeMovie({ codec, sets, pictureBytes = 400 }: Look): Movie {
  const video: VideoTrack = {
    ...{ kind: 'video', codec, clockRateHz: 90_000, codecString: codec === 'h264' ? 'avc1.42c01e' : 'hvc1' },
    ...{ widthPx: 640, heightPx: 480, reorderDepth: 0, frameRate: 10 },
    parameterSets: sets.map(toBytes),
  };
  return {
    tracks: [video],
    ignored: [],
    samples: [
      {
        sampleCount: pictures,
        offsetBytes: new Float64Array(pictures),
        sizeBytes: new Uint32Array(pictures),
        dtsTicks: Float64Array.from({ length: pictures }, (_, index) => index * pictureTicks),
        durationTicks: new Uint32Array(pictures).fill(pictureTicks),
        compositionTicks: new Int32Array(pictures),
        sync: Uint8Array.from({ length: pictures }, (_, index) => (index % keyEvery === 0 ? 1 : 0)),
      },
    ],
    readSample(track, index): CodedFrame {
      const key = index % keyEvery === 0;
      const bytes = new Uint8Array(key ? pictureBytes * keySizes : pictureBytes).fill(index + 1);
      bytes.set(key ? starts[codec].key : starts[codec].other);
      const type = codec === 'h264' ? bytes[0]! & 0x1f : (bytes[0]! >> 1) & 0x3f;
      const nalUnits = [{ type, parts: [bytes], sizeBytes: bytes.length }];
      const fixed = { reference: true, packetsLost: 0, sizeBytes: bytes.length };
      return { kind: 'video', track, ptsTicks: index * pictureTicks, key, nalUnits, ...fixed };
    },
  };
}
