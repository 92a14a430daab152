import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { concatBytes, parseHex, toHex } from '#bytes';
import { openH265Depacketizer, parseSps } from './index.ts';
import {
  aggregate,
  aud,
  counts,
  cra,
  endOfSequence,
  fragments,
  hex,
  idr,
  idrSecond,
  open,
  pps,
  prefixSei,
  sps,
  suffixSei,
  trail,
  trailNonReference,
  trailSecond,
  vps,
} from './test/stream.ts';

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

  it('owns its frames: a payload may be overwritten after push', () => {
    const stream = open();
    for (const payload of fragments(idr, 3)) {
      const reused = payload.slice();
      stream.push(reused, 0, false);
      reused.fill(0xff);
    }
    stream.flush();
    assert.deepEqual(stream.frames[0]!.nalUnits[0]!.parts, [idr]);
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
