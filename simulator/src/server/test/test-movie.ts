import type { AudioTrack, CodedFrame, VideoTrack } from '@porchlight/media/frame';
import type { Movie } from '@porchlight/media/mp4';

const framesPerRound = 10;
const keyEvery = 5;
const packetsPerRound = 20;

/** Ten pictures of H.264 at 25 fps with a key picture every fifth, and 20 ms packets of PCMU: 400 ms that no decoder sees. */
export function makeTestMovie(options: { readonly mark?: number; readonly pictureBytes?: number } = {}): Movie {
  const { mark = 1, pictureBytes = 3000 } = options;
  const video: VideoTrack = {
    kind: 'video',
    codec: 'h264',
    clockRateHz: 90_000,
    parameterSets: [Uint8Array.of(0x67, 0x42, 0, 0x1f, mark), Uint8Array.of(0x68, mark)],
    codecString: 'avc1.42001f',
    widthPx: 640,
    heightPx: 360,
    reorderDepth: 0,
    frameRate: 25,
  };
  const audio: AudioTrack = {
    kind: 'audio',
    codec: 'pcmu',
    clockRateHz: 8000,
    sampleRateHz: 8000,
    channels: 1,
    config: new Uint8Array(0),
    codecString: 'ulaw',
  };
  const table = (count: number, ticks: number, isKey: (index: number) => boolean): Movie['samples'][number] => ({
    sampleCount: count,
    offsetBytes: new Float64Array(count),
    sizeBytes: new Uint32Array(count),
    dtsTicks: Float64Array.from({ length: count }, (_, index) => index * ticks),
    durationTicks: new Uint32Array(count).fill(ticks),
    compositionTicks: new Int32Array(count),
    sync: Uint8Array.from({ length: count }, (_, index) => (isKey(index) ? 1 : 0)),
  });
  return {
    tracks: [video, audio],
    ignored: [],
    samples: [table(framesPerRound, 3600, (index) => index % keyEvery === 0), table(packetsPerRound, 160, () => true)],
    readSample(track, index): CodedFrame {
      if (track === 1) {
        const data = new Uint8Array(160).fill(index);
        return { kind: 'audio', track, ptsTicks: index * 160, durationTicks: 160, data };
      }
      const key = index % keyEvery === 0;
      const bytes = new Uint8Array(pictureBytes).fill(index + 1);
      bytes[0] = key ? 0x65 : 0x41;
      const nalUnits = [{ type: key ? 5 : 1, parts: [bytes], sizeBytes: bytes.length }];
      const fixed = { reference: true, packetsLost: 0, sizeBytes: bytes.length };
      return { kind: 'video', track, ptsTicks: index * 3600, key, nalUnits, ...fixed };
    },
  };
}
