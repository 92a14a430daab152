import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { concatBytes, parseHex } from '#bytes';
import { MediaError, type AudioTrack, type VideoFrame, type VideoTrack } from '#frame';
import {
  type FragmentTrack,
  rewriteBaseTimes,
  scanFragments,
  splitFragment,
  toFragmentSample,
  toSampleBytes,
  writeFragment,
  writeInit,
} from './index.ts';

const video: VideoTrack = {
  kind: 'video',
  codec: 'h264',
  clockRateHz: 90_000,
  parameterSets: [parseHex('6742c01fd9005005bb0110000003001000000301e0f1832480'), parseHex('68cb83cb20')],
  codecString: 'avc1.42c01f',
  widthPx: 1280,
  heightPx: 720,
  reorderDepth: 0,
  frameRate: 15,
};
const audio: AudioTrack = {
  kind: 'audio',
  codec: 'aac',
  clockRateHz: 16_000,
  sampleRateHz: 16_000,
  channels: 1,
  config: parseHex('1408'),
  codecString: 'mp4a.40.2',
};
const memory = (bytes: Uint8Array) => ({
  sizeBytes: bytes.length,
  readAt: (offset: number, length: number) => bytes.subarray(offset, offset + length),
});
const filled = (sizeBytes: number, value: number) => new Uint8Array(sizeBytes).fill(value);

const arbitrarySample = fc.record({
  sizeBytes: fc.integer({ min: 0, max: 300 }),
  durationTicks: fc.oneof(fc.constant(6000), fc.integer({ min: 0, max: 90_000 })),
  compositionOffsetTicks: fc.oneof(fc.constant(0), fc.integer({ min: -20_000, max: 20_000 })),
  key: fc.boolean(),
  reference: fc.boolean(),
});
const arbitraryTracks = fc.tuple(
  fc.record({
    trackId: fc.constant(1),
    baseDecodeTicks: fc.integer({ min: 0, max: 2 ** 50 }),
    samples: fc.array(arbitrarySample, { maxLength: 20 }),
  }),
  fc.record({
    trackId: fc.constant(2),
    baseDecodeTicks: fc.nat(),
    samples: fc.array(arbitrarySample, { maxLength: 20 }),
  }),
);

function withData(sequenceNumber: number, tracks: readonly FragmentTrack[]): Uint8Array {
  let value = 0;
  const data = tracks.flatMap((track) => track.samples.map((sample) => filled(sample.sizeBytes, value++)));
  return concatBytes([writeFragment({ sequenceNumber, tracks }), ...data]);
}

function file(fragments: number): Uint8Array {
  const parts = [writeInit([video, audio])];
  for (let index = 0; index < fragments; index++) {
    const picture = {
      sizeBytes: 50,
      durationTicks: 6000,
      compositionOffsetTicks: 0,
      key: index % 2 === 0,
      reference: true,
    };
    const sound = { ...picture, sizeBytes: 7, durationTicks: 1024, key: true };
    const rest = { ...picture, sizeBytes: 20, key: false };
    const tracks = [
      { trackId: 1, baseDecodeTicks: index * 18_000, samples: [picture, rest, rest] },
      { trackId: 2, baseDecodeTicks: index * 2048, samples: [sound, sound] },
    ];
    parts.push(withData(index + 1, tracks));
  }
  return concatBytes(parts);
}

describe('a fragment', () => {
  it('gives back every sample with its times, flags and bytes', () => {
    fc.assert(
      fc.property(arbitraryTracks, (tracks) => {
        const fragment = withData(7, tracks);
        const expected = tracks.flatMap((track) => {
          let dtsTicks = track.baseDecodeTicks;
          return track.samples.map(({ durationTicks, compositionOffsetTicks, key, reference, sizeBytes }) => {
            dtsTicks += durationTicks;
            return {
              trackId: track.trackId,
              dtsTicks: dtsTicks - durationTicks,
              ptsTicks: dtsTicks - durationTicks + compositionOffsetTicks,
              durationTicks,
              key,
              reference: key || reference,
              sizeBytes,
            };
          });
        });
        const frames = splitFragment(fragment);
        assert.deepEqual(
          frames.map(({ data, ...frame }) => ({ ...frame, sizeBytes: data.length })),
          expected,
        );
        frames.forEach(({ data }, index) => assert.deepEqual(data, filled(data.length, index)));
      }),
    );
  });

  it('says what is equal for all samples once', () => {
    const sample = { sizeBytes: 9, durationTicks: 3600, compositionOffsetTicks: 0, key: false, reference: true };
    const head = writeFragment({
      sequenceNumber: 1,
      tracks: [{ trackId: 1, baseDecodeTicks: 0, samples: [{ ...sample, key: true }, sample, sample] }],
    });
    // moof 8, mfhd 16, traf 8, tfhd 24, tfdt 20, trun 24 + 3 sizes, mdat 8
    assert.equal(head.length, 8 + 16 + 8 + 24 + 20 + 24 + 12 + 8);
    assert.equal(head.buffer.byteLength <= 172, true, 'one small allocation');
  });

  it('moves on the time line without changing anything else', () => {
    fc.assert(
      fc.property(arbitraryTracks, fc.nat(), fc.nat(), (tracks, add1, add2) => {
        const fragment = withData(1, tracks);
        const before = fragment.slice();
        const moved = rewriteBaseTimes(
          fragment,
          new Map([
            [1, add1],
            [2, add2],
          ]),
        );
        const shifted = tracks.map((track, index) => ({
          ...track,
          baseDecodeTicks: track.baseDecodeTicks + [add1, add2][index]!,
        }));
        assert.deepEqual(moved, withData(1, shifted));
        assert.deepEqual(fragment, before);
      }),
    );
  });

  it('refuses times that no box can hold', () => {
    const sample = { sizeBytes: 1, durationTicks: -1, compositionOffsetTicks: 0, key: true, reference: true };
    const write = (baseDecodeTicks: number, durationTicks: number) =>
      writeFragment({
        sequenceNumber: 1,
        tracks: [{ trackId: 1, baseDecodeTicks, samples: [{ ...sample, durationTicks }] }],
      });
    assert.throws(() => write(0, -1), TypeError);
    assert.throws(() => write(-1, 1), TypeError);
    assert.throws(() => write(0.5, 1), TypeError);
  });
});

describe('sample bytes', () => {
  it('put a length before each NAL unit and keep its parts as views', () => {
    const parts = [parseHex('6588'), parseHex('0102ff')];
    const frame: VideoFrame = {
      kind: 'video',
      track: 0,
      ptsTicks: 900,
      key: true,
      reference: true,
      nalUnits: [
        { type: 9, parts: [parseHex('09f0')], sizeBytes: 2 },
        { type: 5, parts, sizeBytes: 5 },
      ],
      sizeBytes: 7,
      packetsLost: 0,
    };
    const bytes = toSampleBytes(frame);
    assert.equal(bytes[3], parts[0]);
    assert.equal(bytes[4], parts[1]);
    assert.deepEqual(concatBytes(bytes), parseHex('0000000209f00000000565880102ff'));
    assert.deepEqual(toFragmentSample(frame, 300, 3000), {
      sizeBytes: 15,
      durationTicks: 3000,
      compositionOffsetTicks: 600,
      key: true,
      reference: true,
    });
  });
});

describe('scanning fragments', () => {
  it('tells what each whole fragment holds', () => {
    const bytes = file(4);
    const scan = scanFragments(memory(bytes));
    assert.equal(scan.stoppedAt, 'end');
    assert.equal(scan.wholeBytes, bytes.length);
    assert.equal(scan.initSizeBytes, writeInit([video, audio]).length);
    assert.deepEqual(
      scan.fragments.map((fragment) => fragment.sequenceNumber),
      [1, 2, 3, 4],
    );
    assert.deepEqual(scan.fragments[1]!.tracks, [
      { trackId: 1, baseDecodeTicks: 18_000, durationTicks: 18_000, shownEndTicks: 36_000, sampleCount: 3, key: false },
      { trackId: 2, baseDecodeTicks: 2048, durationTicks: 2048, shownEndTicks: 4096, sampleCount: 2, key: true },
    ]);
  });

  it('of a file cut at any byte gives exactly the fragments before the cut', () => {
    const bytes = file(3);
    const whole = scanFragments(memory(bytes));
    for (let cut = 0; cut <= bytes.length; cut++) {
      const scan = scanFragments(memory(bytes.subarray(0, cut)));
      const expected = whole.fragments.filter(({ offsetBytes, sizeBytes }) => offsetBytes + sizeBytes <= cut);
      assert.deepEqual(scan.fragments, expected, `cut at ${cut}`);
      const last = expected.at(-1);
      const initEnd = cut >= whole.initSizeBytes ? whole.initSizeBytes : 0;
      assert.equal(scan.wholeBytes, last === undefined ? initEnd : last.offsetBytes + last.sizeBytes);
      assert.equal(scan.stoppedAt === 'end', scan.wholeBytes === cut || cut === 28, `cut at ${cut}`);
    }
  });

  it('stops at zeros and at garbage behind the last whole fragment', () => {
    const bytes = file(2);
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ minLength: 1 }),
          fc.nat(5000).map((size) => new Uint8Array(size + 1)),
        ),
        (tail) => {
          const scan = scanFragments(memory(concatBytes([bytes, tail])));
          assert.equal(scan.wholeBytes, bytes.length);
          assert.equal(scan.fragments.length, 2);
        },
      ),
    );
  });

  it('survives any bytes and any change to a real file', () => {
    const bytes = file(3);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), (any) => void scanFragments(memory(any))));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 8 }), (changes) => {
        const mutated = bytes.slice();
        for (const [at, value] of changes) mutated[at] = value;
        const scan = scanFragments(memory(mutated));
        assert.ok(scan.wholeBytes <= mutated.length);
        for (const { offsetBytes, sizeBytes } of scan.fragments) {
          try {
            splitFragment(mutated.subarray(offsetBytes, offsetBytes + sizeBytes));
          } catch (error) {
            assert.ok(error instanceof MediaError);
          }
        }
      }),
    );
  });
});
