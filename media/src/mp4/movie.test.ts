import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { concatBytes, parseHex } from '#bytes';
import { writeFragment, writeInit } from '#fmp4';
import { MediaError, type VideoTrack } from '#frame';
import { toH264Track } from '#h264';
import { openLoop, openMovie } from './index.ts';
import { box, moov, soundEntry, trak } from './test/build-movie.ts';
import { toSource } from './test/files.ts';

const parameterSets = [parseHex('6742c01fd9005005bb0110000003001000000301e0f1832480'), parseHex('68cb83cb20')];
const video: VideoTrack = toH264Track({ parameterSets, clockRateHz: 90_000 });

/** Sound of four values per sample in two chunks, before `moov`, so that offsets are known. */
function progressive(
  options: { edits?: [number, number][]; tables?: Uint8Array[]; tail?: Uint8Array } = {},
): Uint8Array {
  const data = box('mdat', parseHex('000102030405060708090a0b0c0d0e0f'));
  const tables = options.tables ?? [
    box('stts', 0, 2, 2, 100, 2, 50),
    box('ctts', 0, 1, 4, 7),
    box('stsz', 0, 0, 4, 4, 4, 4, 4),
    box('stsc', 0, 2, 1, 3, 1, 2, 1, 1),
    box('stco', 0, 2, 8, 20),
    box('stss', 0, 2, 1, 3),
  ];
  const track = trak(5, {
    entry: soundEntry('alaw'),
    timescale: 8000,
    tables,
    ...(options.edits && { edits: options.edits }),
  });
  return concatBytes([data, moov(track), options.tail ?? new Uint8Array(0)]);
}

const column = (values: ArrayLike<number>, count: number): number[] => Array.from(values).slice(0, count);

describe('opening a movie', () => {
  it('joins the tables of a progressive file', () => {
    const movie = openMovie(toSource(progressive()));
    const [table] = movie.samples;
    assert.equal(table!.sampleCount, 4);
    assert.deepEqual(column(table!.offsetBytes, 4), [8, 12, 16, 20]);
    assert.deepEqual(column(table!.dtsTicks, 4), [0, 100, 200, 250]);
    assert.deepEqual(column(table!.durationTicks, 4), [100, 100, 50, 50]);
    assert.deepEqual(column(table!.sync, 4), [1, 0, 1, 0]);
    assert.deepEqual(movie.readSample(0, 3), {
      kind: 'audio',
      track: 0,
      ptsTicks: 257,
      durationTicks: 50,
      data: parseHex('0c0d0e0f'),
    });
    assert.throws(() => movie.readSample(0, 4), RangeError);
    assert.throws(() => movie.readSample(1, 0), RangeError);
  });

  it('honours a delay at the front and the media time that is shown first', () => {
    const first = (edits: [number, number][]): number =>
      openMovie(toSource(progressive({ edits }))).samples[0]!.dtsTicks[0]!;
    assert.equal(
      first([
        [500, -1],
        [1000, 0],
      ]),
      4000,
    );
    assert.equal(first([[1000, 7]]), -7);
    assert.equal(
      first([
        [250, -1],
        [250, -1],
        [1000, 160],
      ]),
      3840,
    );
  });

  it('cuts sound that QuickTime lists value by value into pieces of 20 ms', () => {
    const data = box(
      'mdat',
      new Uint8Array(1000).map((_, index) => index),
    );
    const tables = [
      box('stts', 0, 1, 1000, 1),
      box('stsz', 0, 1, 1000),
      box('stsc', 0, 1, 1, 500, 1),
      box('stco', 0, 2, 8, 508),
    ];
    const file = concatBytes([data, moov(trak(1, { entry: soundEntry('ulaw'), timescale: 8000, tables }))]);
    const movie = openMovie(toSource(file));
    const [table] = movie.samples;
    assert.deepEqual(column(table!.sizeBytes, 8), [160, 160, 160, 20, 160, 160, 160, 20]);
    assert.deepEqual(column(table!.dtsTicks, 8), [0, 160, 320, 480, 500, 660, 820, 980]);
    assert.equal(table!.sampleCount, 8);
    assert.equal(movie.tracks[0]!.codec, 'pcmu');
  });

  it('names what it leaves out', () => {
    const tables = [box('stts', 0, 0), box('stsz', 0, 0, 0), box('stsc', 0, 0), box('stco', 0, 0)];
    const others = [
      trak(1, { entry: soundEntry('sowt'), timescale: 8000, tables }),
      trak(2, { entry: soundEntry('tmcd'), timescale: 25, handler: 'tmcd', tables }),
      trak(3, { entry: soundEntry('alaw'), timescale: 8000, tables }),
    ];
    const movie = openMovie(toSource(moov(...others)));
    assert.deepEqual(movie.tracks, []);
    assert.deepEqual(movie.ignored, ['track 1: sowt', 'track 2: tmcd', 'track 3: no samples']);
    assert.throws(() => openLoop(movie), TypeError);
  });

  it('gives the samples that are whole of a file cut anywhere', () => {
    const picture = { sizeBytes: 9, durationTicks: 6000, compositionOffsetTicks: 0, key: true, reference: true };
    const parts = [writeInit([video])];
    for (let index = 0; index < 3; index++) {
      const samples = [picture, { ...picture, key: false }];
      parts.push(
        writeFragment({
          sequenceNumber: index + 1,
          tracks: [{ trackId: 1, baseDecodeTicks: index * 12_000, samples }],
        }),
      );
      parts.push(parseHex('000000056588010203'), parseHex('000000054188010203'));
    }
    const file = concatBytes(parts);
    const initBytes = parts[0]!.length;
    let before = 0;
    for (let cut = initBytes; cut <= file.length; cut++) {
      const movie = openMovie(toSource(file.subarray(0, cut)));
      const count = movie.samples[0]?.sampleCount ?? 0;
      assert.ok(count >= before, `cut at ${cut}`);
      for (let index = 0; index < count; index++) assert.equal(movie.readSample(0, index).ptsTicks, index * 6000);
      before = count;
    }
    assert.equal(before, 6);
    for (let cut = 0; cut < initBytes; cut++)
      assert.throws(() => openMovie(toSource(file.subarray(0, cut))), MediaError);
  });

  it('refuses counts that the boxes and the file cannot hold, without allocating for them', () => {
    const huge = 0xffff_fff0;
    const tablesWith = (changed: Record<string, Uint8Array>) => {
      const usual = {
        stts: box('stts', 0, 1, 4, 1),
        stsz: box('stsz', 0, 4, 4),
        stsc: box('stsc', 0, 1, 1, 4, 1),
        stco: box('stco', 0, 1, 8),
      };
      return Object.values({ ...usual, ...changed });
    };
    const before = process.memoryUsage().arrayBuffers;
    for (const changed of [
      { stts: box('stts', 0, huge, 1, 1) },
      { stsz: box('stsz', 0, 0, huge, 1) },
      { stsc: box('stsc', 0, huge, 1, 1, 1) },
      { stco: box('stco', 0, huge, 8) },
    ]) {
      assert.throws(() => openMovie(toSource(progressive({ tables: tablesWith(changed) }))), MediaError);
    }
    const movie = openMovie(
      toSource(
        progressive({ tables: tablesWith({ stsz: box('stsz', 0, 4, huge), stsc: box('stsc', 0, 1, 1, huge, 1) }) }),
      ),
    );
    assert.ok(movie.samples[0]!.sampleCount < 1000, 'uniform samples end with the file');
    assert.ok(process.memoryUsage().arrayBuffers - before < 8 << 20);
  });
});

describe('any bytes', () => {
  const play = (bytes: Uint8Array): void => {
    try {
      const movie = openMovie(toSource(bytes));
      for (const [track, { sampleCount }] of movie.samples.entries()) {
        for (let index = 0; index < Math.min(sampleCount, 50); index++) movie.readSample(track, index);
      }
      if (movie.tracks.length === 0) return;
      const loop = openLoop(movie);
      for (let index = 0; index < 50; index++) loop.next();
    } catch (error) {
      assert.ok(error instanceof MediaError, String(error));
    }
  };
  const samples = [{ sizeBytes: 9, durationTicks: 6000, compositionOffsetTicks: 0, key: true, reference: true }];
  const fragmented = concatBytes([
    writeInit([video]),
    writeFragment({ sequenceNumber: 1, tracks: [{ trackId: 1, baseDecodeTicks: 0, samples }] }),
    parseHex('000000056588010203'),
  ]);

  it('give a movie or a MediaError', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), play));
  });

  it('changed anywhere in a real file give a movie or a MediaError, in bounded time', () => {
    for (const file of [
      progressive({
        edits: [
          [500, -1],
          [1000, 3],
        ],
      }),
      fragmented,
    ]) {
      fc.assert(
        fc.property(
          fc.array(fc.tuple(fc.nat(file.length - 1), fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff))), {
            minLength: 1,
            maxLength: 6,
          }),
          (changes) => {
            const mutated = file.slice();
            for (const [at, value] of changes) mutated[at] = value;
            play(mutated);
          },
        ),
        { numRuns: 3000 },
      );
    }
  });
});
