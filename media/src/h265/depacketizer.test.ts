import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { footagePath, needs } from '@porchlight/base/testing';
import { concatBytes, parseHex, toHex } from '#bytes';
import { MediaError, type CodedFrame, type Damage, type TrackDescription, type VideoFrame } from '#frame';
import { toContiguous, toNalUnit } from '#nal';
import {
  openH265Depacketizer,
  packetizeH265,
  parseHevcConfiguration,
  parsePps,
  parseSliceHeader,
  parseSps,
  parseVps,
  readH265ByteStream,
} from './index.ts';

/** 320 × 240, 25 pictures a second. */
const vps = parseHex('40010c06ffff01400000030080000003000003003c000008240c0000030004000003006540');
const sps = parseHex('42010601400000030080000003000003003c0000a00a080f16342099246cac80');
const pps = parseHex('4401c071c0d920');
const aud = parseHex('460150');
const prefixSei = parseHex('4e01050401020304' + '80');
const suffixSei = parseHex('5001840401020304' + '80');
const endOfSequence = parseHex('4801');
/** First slice segments: IDR_W_RADL, CRA, TRAIL_R, TRAIL_N, RASL_N. */
const idr = parseHex('2601af1873dc98723eb4');
const cra = parseHex('2a01af1873dc98723eb4');
const trail = parseHex('0201e0010511e638a5b8');
const trailNonReference = parseHex('0001e0010511e638a5b8');
/** The same, second slice segment. */
const idrSecond = parseHex('26012f1873dc98723eb4');
const trailSecond = parseHex('020160010511e638a5b8');

function open(parameterSets: readonly Uint8Array[] = [vps, sps, pps]) {
  const frames: VideoFrame[] = [];
  const tracks: TrackDescription[] = [];
  const damage: Damage[] = [];
  const events: string[] = [];
  const depacketizer = openH265Depacketizer({
    track: 3,
    clockRateHz: 90000,
    parameterSets,
    sink: {
      onTrack: (_index, track) => {
        tracks.push(track);
        events.push('track');
      },
      onFrame: (frame: CodedFrame) => {
        frames.push(frame as VideoFrame);
        events.push('frame');
      },
      onDamage: (value) => damage.push(value),
    },
  });
  return { ...depacketizer, frames, tracks, damage, events };
}

const hex = (frame: VideoFrame | undefined) => frame?.nalUnits.map((unit) => toHex(toContiguous(unit)));
const counts = (damage: readonly Damage[]) => damage.map(({ reason, count }) => [reason, count]);

/** Fragmentation units of one NAL unit, `size` bytes of it in each. */
function fragments(nalUnit: Uint8Array, size: number): Uint8Array[] {
  return packetizeH265([toNalUnit('h265', nalUnit)], size + 3);
}

function aggregate(...nalUnits: Uint8Array[]): Uint8Array {
  const sized = nalUnits.flatMap((unit) => [Uint8Array.of(unit.length >> 8, unit.length), unit]);
  return concatBytes([Uint8Array.of(0x60, 0x01), ...sized]);
}

describe('an H.265 depacketizer', () => {
  it('refuses another clock than 90 kHz', () => {
    const sink = { onTrack: () => {}, onFrame: () => {}, onDamage: () => {} };
    assert.throws(() => openH265Depacketizer({ track: 0, clockRateHz: 8000, sink, parameterSets: [] }), TypeError);
  });

  it('delivers single NAL units, aggregation packets and fragmentation units as frames, the track first', () => {
    const stream = open([]);
    stream.push(aggregate(vps, sps, pps), 0, false);
    fragments(idr, 3).forEach((payload, index, all) => stream.push(payload, 0, index === all.length - 1));
    stream.push(trail, 3600, true);
    stream.push(trailNonReference, 1800, true);
    stream.push(cra, 7200, true);
    stream.flush();
    assert.deepEqual(stream.events, ['track', 'frame', 'frame', 'frame', 'frame']);
    assert.deepEqual(stream.frames.map(hex), [
      [vps, sps, pps, idr].map(toHex),
      [toHex(trail)],
      [toHex(trailNonReference)],
      [toHex(cra)],
    ]);
    assert.deepEqual(
      stream.frames.map(({ ptsTicks, key }) => [ptsTicks, key]),
      [
        [0, true],
        [3600, false],
        [1800, false],
        [7200, true],
      ],
    );
    assert.deepEqual(stream.damage, []);
  });

  it('calls only non-reference pictures of the highest sub-layer unreferenced', () => {
    const stream = open();
    const highest = parseSps(sps).maxSubLayers;
    const ofLayer = (slice: Uint8Array, layer: number) =>
      concatBytes([Uint8Array.of(slice[0]!, layer), slice.subarray(2)]);
    stream.push(idr, 0, true);
    stream.push(ofLayer(trailNonReference, highest), 3600, true);
    stream.push(ofLayer(trail, highest), 7200, true);
    assert.deepEqual(
      stream.frames.map((frame) => frame.reference),
      [true, false, true],
    );
  });

  it('hands out views into the payloads, never copies', () => {
    const stream = open();
    const payloads = fragments(idr, 3);
    for (const payload of payloads) stream.push(payload, 0, false);
    stream.flush();
    const [header, ...views] = stream.frames[0]!.nalUnits[0]!.parts;
    assert.equal(header!.length, 2);
    assert.ok(views.every((view, index) => view.buffer === payloads[index]!.buffer));
  });

  it('keeps slice segments together for a camera that marks every one, or none', () => {
    for (const marker of [true, false]) {
      const stream = open();
      for (const [first, second, time] of [
        [idr, idrSecond, 0],
        [trail, trailSecond, 3600],
        [trail, trailSecond, 7200],
      ] as const) {
        stream.push(first, time, marker);
        stream.push(second, time, marker);
      }
      stream.flush();
      assert.deepEqual(
        stream.frames.map((frame) => [frame.ptsTicks, frame.nalUnits.length]),
        [
          [0, 2],
          [3600, 2],
          [7200, 2],
        ],
      );
      assert.deepEqual(stream.damage, []);
    }
  });

  it('gives what stands before a picture and behind it to that picture', () => {
    const stream = open();
    for (const time of [0, 3600]) {
      stream.push(aud, time + 1, true);
      stream.push(prefixSei, time + 2, false);
      stream.push(time === 0 ? idr : trail, time + 3, false);
      stream.push(suffixSei, time + 3, false);
      stream.push(endOfSequence, time + 3, false);
    }
    stream.flush();
    const types = stream.frames.map((frame) => frame.nalUnits.map((unit) => unit.type));
    assert.deepEqual(types, [
      [35, 39, 19, 40, 36],
      [35, 39, 1, 40, 36],
    ]);
    assert.deepEqual(
      stream.frames.map((frame) => frame.ptsTicks),
      [3, 3603],
    );
  });

  it('splits start codes inside a single NAL unit, an aggregated one and fragments', () => {
    const annexB = concatBytes([
      vps,
      parseHex('00000001'),
      sps,
      parseHex('000001'),
      pps,
      parseHex('000001'),
      idr,
      parseHex('0000'),
    ]);
    const expected = [vps, sps, pps, idr].map(toHex);
    for (let size = 1; size <= annexB.length + 4; size++) {
      const stream = open([]);
      for (const payload of fragments(annexB, size)) stream.push(payload, 0, false);
      stream.flush();
      assert.deepEqual(hex(stream.frames[0]), expected, `fragments of ${size}`);
    }
    for (const payload of [annexB, concatBytes([parseHex('00000001'), annexB]), aggregate(annexB)]) {
      const stream = open([]);
      stream.push(payload, 0, true);
      stream.flush();
      assert.deepEqual(hex(stream.frames[0]), expected);
      assert.deepEqual(stream.damage, []);
    }
  });

  it('takes fragments with start and end bit (OpenIPC), without end bit, and without start bit at the front of a picture', () => {
    const stream = open();
    stream.push(concatBytes([parseHex('6201d3'), idr.subarray(2)]), 0, true);
    const [first, second] = fragments(trail, 4) as [Uint8Array, Uint8Array];
    const withoutEnd = second.slice();
    withoutEnd[2]! &= 0xbf;
    stream.push(first, 3600, false);
    stream.push(withoutEnd, 3600, true);
    const withoutStart = first.slice();
    withoutStart[2]! &= 0x7f;
    stream.push(withoutStart, 7200, false);
    stream.push(second, 7200, true);
    assert.deepEqual(stream.frames.map(hex), [[toHex(idr)], [toHex(trail)], [toHex(trail)]]);
    assert.deepEqual(counts(stream.damage), [['malformed', 1]]);
  });

  it('counts what is no NAL unit, and goes on', () => {
    const stream = open();
    stream.push(idr, 0, true);
    for (const garbage of ['6401aabb', '7e01aabb', 'a601aabb', '6201d3', '02'])
      stream.push(parseHex(garbage), 3600, false);
    stream.push(trail, 3600, true);
    assert.equal(stream.frames.length, 2);
    assert.deepEqual(
      counts(stream.damage),
      Array.from({ length: 5 }, () => ['malformed', 1]),
    );
  });

  it('keeps a frame with its loss noted: the fragment before is cut, those behind are left out', () => {
    const stream = open();
    stream.push(idr, 0, true);
    const [first, , third, last] = fragments(trail, 2) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    stream.push(first, 3600, false);
    stream.lost(1);
    stream.push(third, 3600, false);
    stream.push(last, 3600, true);
    stream.push(trail, 7200, true);
    assert.deepEqual(
      stream.frames.map((frame) => frame.packetsLost),
      [0, 1, 0],
    );
    assert.deepEqual(hex(stream.frames[1]), [toHex(trail.subarray(0, 4))]);
    assert.deepEqual(counts(stream.damage), [['packets-lost', 1]]);
  });

  it('counts pictures until VPS, SPS and PPS come in-band', () => {
    const stream = open([]);
    stream.push(trail, 0, true);
    stream.push(aggregate(sps, pps), 3600, false);
    stream.push(idr, 3600, true);
    stream.push(aggregate(vps, sps, pps), 7200, false);
    stream.push(idr, 7200, true);
    assert.deepEqual(
      stream.frames.map((frame) => frame.ptsTicks),
      [7200],
    );
    assert.deepEqual(counts(stream.damage), [
      ['missing-parameter-sets', 1],
      ['missing-parameter-sets', 1],
    ]);
  });

  it('drops an access unit over 8 MiB and goes on', () => {
    const stream = open();
    const chunk = concatBytes([parseHex('620113'), new Uint8Array(60_000).fill(0xaa)]);
    stream.push(concatBytes([parseHex('62019388'), new Uint8Array(9)]), 0, false);
    for (let index = 0; index < 400; index++) stream.push(chunk, 0, false);
    stream.push(idr, 3600, true);
    stream.push(trail, 7200, true);
    assert.deepEqual(
      stream.frames.map((frame) => frame.ptsTicks),
      [3600, 7200],
    );
    assert.deepEqual(counts(stream.damage)[0], ['oversized', 1]);
  });
});

describe('payloads of an H.265 packetizer', () => {
  it('become the same NAL units again, for any frame and payload size', () => {
    const tail = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => bytes.map((byte) => byte | 2));
    fc.assert(
      fc.property(tail, fc.array(tail), fc.integer({ min: 8, max: 120 }), (first, more, max) => {
        const slices = [concatBytes([idr, first]), ...more.map((bytes) => concatBytes([idrSecond, bytes]))];
        const nalUnits = [aud, vps, sps, pps, prefixSei, ...slices].map((bytes) => toNalUnit('h265', bytes));
        const stream = open([]);
        packetizeH265(nalUnits, max).forEach((payload, index, all) => {
          assert.ok(payload.length <= max);
          const before = payload.slice();
          stream.push(payload, 0, index === all.length - 1);
          assert.deepEqual(payload, before);
        });
        stream.flush();
        assert.deepEqual(
          hex(stream.frames[0]),
          nalUnits.map((unit) => toHex(toContiguous(unit))),
        );
      }),
    );
  });

  it('carry parameter sets together', () => {
    const payloads = packetizeH265(
      [vps, sps, pps, idr].map((bytes) => toNalUnit('h265', bytes)),
      1400,
    );
    assert.deepEqual(payloads.map(toHex), [toHex(aggregate(vps, sps, pps)), toHex(idr)]);
    assert.throws(() => packetizeH265([], 3), TypeError);
  });
});

describe('hostile H.265', () => {
  it('any packets give frames and damage, change nothing and never throw', () => {
    const header = fc.constantFrom(0x26, 0x02, 0x40, 0x42, 0x44, 0x60, 0x62, 0x4e, 0x46, 0x48, 0x00);
    const payload = fc
      .tuple(
        header,
        fc.constantFrom(1, 0, 9),
        fc.constantFrom(0x93, 0x13, 0x53, 0xd3, 0xa1, 0x00),
        fc.uint8Array({ maxLength: 60 }),
      )
      .map(([a, c, d, rest]) => concatBytes([Uint8Array.of(a, c, d), rest]));
    const known = fc.constantFrom(vps, sps, pps, idr, cra, trail, aggregate(vps, sps, pps));
    const packet = fc.tuple(
      fc.oneof(payload, fc.uint8Array({ maxLength: 60 }), known),
      fc.nat(5),
      fc.boolean(),
      fc.boolean(),
    );
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 60 }), (packets) => {
        const stream = open([]);
        for (const [bytes, time, marker, loses] of packets) {
          const before = bytes.slice();
          if (loses) stream.lost(1);
          stream.push(bytes, time * 3600, marker);
          assert.deepEqual(bytes, before);
        }
        stream.flush();
        for (const frame of stream.frames) {
          const sizes = frame.nalUnits.map((unit) => unit.parts.reduce((sum, part) => sum + part.length, 0));
          assert.deepEqual(
            sizes,
            frame.nalUnits.map((unit) => unit.sizeBytes),
          );
        }
        if (stream.frames.length > 0) assert.equal(stream.events[0], 'track');
      }),
      { numRuns: 1000 },
    );
  });

  /** Every way to read bytes; each may refuse them with a `MediaError` and nothing else. */
  function readEveryWay(bytes: Uint8Array): void {
    const sets = { sps: parseSps(sps), pps: parsePps(pps) };
    const before = bytes.slice();
    for (const read of [
      () => parseVps(bytes),
      () => parseSps(bytes),
      () => parsePps(bytes),
      () => parseSliceHeader(toNalUnit('h265', bytes), sets),
      () => parseHevcConfiguration(bytes),
      () => readH265ByteStream(bytes),
      () =>
        readH265ByteStream(
          concatBytes([...[vps, sps, pps, idr, bytes].flatMap((unit) => [Uint8Array.of(0, 0, 1), unit])]),
        ),
    ]) {
      try {
        read();
      } catch (error) {
        assert.ok(error instanceof MediaError, String(error));
      }
    }
    const stream = open();
    stream.push(bytes, 0, false);
    stream.push(bytes, 1, true);
    stream.flush();
    assert.deepEqual(bytes, before);
  }

  it('any bytes give a value or a MediaError', () => {
    const header = fc.constantFrom(0x40, 0x42, 0x44, 0x26, 0x02);
    const named = fc
      .tuple(header, fc.uint8Array({ maxLength: 120 }))
      .map(([first, rest]) => concatBytes([Uint8Array.of(first, 1), rest]));
    const mutated = fc
      .tuple(fc.constantFrom(vps, sps, pps), fc.nat(60), fc.nat(255), fc.nat(60))
      .map(([set, at, value, end]) => {
        const bytes = set.slice(0, end);
        if (at > 1 && at < bytes.length) bytes[at] = value;
        return bytes;
      });
    fc.assert(fc.property(fc.oneof(named, mutated, fc.uint8Array({ maxLength: 200 })), readEveryWay), {
      numRuns: 1500,
    });
  });

  it('in the fuzz corpora does no harm', needs('footage'), () => {
    const folders = [
      ...['format-rtph265-FuzzDecoder', 'format-FuzzH265PTSEqualsDTS'].map((name) => ['gortsplib', name]),
      ...readdirSync(footagePath('fuzz', 'h265nal')).map((name) => ['h265nal', name]),
    ];
    let files = 0;
    for (const [set, folder] of folders) {
      for (const name of readdirSync(footagePath('fuzz', set!, folder!))) {
        const bytes = new Uint8Array(readFileSync(footagePath('fuzz', set!, folder!, name)));
        readEveryWay(bytes);
        // The corpora of single parsers hold what stands behind a NAL unit header.
        for (const type of [32, 33, 34, 1, 19, 39]) readEveryWay(concatBytes([Uint8Array.of(type << 1, 1), bytes]));
        files++;
      }
    }
    assert.ok(files > 350, `${files} files`);
  });
});
