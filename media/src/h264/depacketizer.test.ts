import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { concatBytes, parseHex, toHex } from '#bytes';
import { openH264Depacketizer } from './index.ts';
import {
  aud,
  b,
  counts,
  fuA,
  hex,
  idr,
  idrSecondSlice,
  intra,
  open,
  p,
  pSecondSlice,
  pps,
  recoveryPoint,
  sei,
  sps,
  stapA,
} from './test/stream.ts';

describe('an H.264 depacketizer', () => {
  it('refuses another clock than 90 kHz', () => {
    const sink = { onTrack: () => {}, onFrame: () => {}, onDamage: () => {} };
    assert.throws(() => openH264Depacketizer({ track: 0, clockRateHz: 8000, sink, parameterSets: [] }), TypeError);
  });

  it('delivers single NAL units, STAP-A and FU-A as frames, the track first', () => {
    const stream = open();
    stream.push(stapA(sps, pps), 0, false);
    fuA(idr, 3).forEach((payload, index, all) => stream.push(payload, 0, index === all.length - 1));
    stream.push(p, 3600, true);
    stream.push(b, 1800, true);
    stream.flush();
    assert.deepEqual(stream.events, ['track', 'frame', 'frame', 'frame']);
    assert.deepEqual(stream.frames.map(hex), [[sps, pps, idr].map(toHex), [toHex(p)], [toHex(b)]]);
    assert.deepEqual(
      stream.frames.map(({ ptsTicks, key, reference }) => [ptsTicks, key, reference]),
      [
        [0, true, true],
        [3600, false, true],
        [1800, false, false],
      ],
    );
    assert.equal(stream.frames[0]!.sizeBytes, sps.length + pps.length + idr.length);
    assert.deepEqual(stream.damage, []);
  });

  it('owns its frames: a payload may be overwritten after push', () => {
    const stream = open();
    for (const payload of fuA(idr, 3)) {
      const reused = payload.slice();
      stream.push(reused, 0, false);
      reused.fill(0xff);
    }
    stream.push(p, 3600, true);
    stream.flush();
    assert.deepEqual(stream.frames[0]!.nalUnits[0]!.parts, [idr]);
    assert.equal(stream.frames.length, 2);
  });

  it('delivers at the marker from the second picture on, without waiting for the next packet', () => {
    const stream = open();
    stream.push(idr, 0, true);
    assert.equal(stream.frames.length, 0, 'the first picture is held: its marker may be on every slice');
    stream.push(p, 3600, true);
    assert.equal(stream.frames.length, 2);
  });

  it('keeps slices together for a camera that marks every slice', () => {
    const stream = open();
    for (const [first, second, time] of [
      [idr, idrSecondSlice, 0],
      [p, pSecondSlice, 3600],
      [p, pSecondSlice, 7200],
    ] as const) {
      stream.push(first, time, true);
      stream.push(second, time, true);
    }
    stream.flush();
    assert.deepEqual(
      stream.frames.map((frame) => frame.nalUnits.length),
      [2, 2, 2],
    );
    assert.deepEqual(stream.damage, []);
  });

  it('ends pictures by timestamp for a camera that never marks', () => {
    const stream = open();
    for (const time of [0, 3600, 7200]) {
      stream.push(time === 0 ? idr : p, time, false);
      stream.push(time === 0 ? idrSecondSlice : pSecondSlice, time, false);
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
  });

  it('ends pictures by their first slice where neither marker nor timestamp does', () => {
    const stream = open();
    for (const slice of [idr, idrSecondSlice, p, pSecondSlice, p]) stream.push(slice, 0, false);
    stream.flush();
    assert.deepEqual(
      stream.frames.map((frame) => frame.nalUnits.length),
      [2, 2, 1],
    );
  });

  it('gives parameter sets with marker and time of the picture before to the picture behind them (Reolink RLC-822A)', () => {
    const stream = open([]);
    stream.push(sps, 0, true);
    stream.push(pps, 0, false);
    stream.push(idr, 3600, true);
    stream.push(p, 7200, true);
    stream.push(sps, 7200, false);
    stream.push(pps, 7200, false);
    stream.push(idr, 10800, true);
    stream.flush();
    assert.deepEqual(
      stream.frames.map((frame) => [frame.ptsTicks, frame.nalUnits.length]),
      [
        [3600, 3],
        [7200, 1],
        [10800, 3],
      ],
    );
    assert.equal(stream.tracks.length, 1);
    assert.deepEqual(stream.damage, []);
  });

  it('takes AUD and SEI in packets with a timestamp of their own', () => {
    const stream = open();
    for (const time of [0, 3600]) {
      stream.push(aud, time + 1, true);
      stream.push(sei, time + 2, true);
      stream.push(time === 0 ? idr : p, time + 3, true);
    }
    stream.flush();
    assert.deepEqual(
      stream.frames.map((frame) => [frame.ptsTicks, frame.nalUnits.map((unit) => unit.type)]),
      [
        [3, [9, 6, 5]],
        [3603, [9, 6, 1]],
      ],
    );
  });

  it('splits start codes inside a single NAL unit, a STAP-A entry and a FU-A (V380)', () => {
    const annexB = concatBytes([sps, parseHex('00000001'), pps, parseHex('000001'), idr, parseHex('0000')]);
    const expected = [sps, pps, idr].map(toHex);
    for (let size = 1; size <= annexB.length + 4; size++) {
      const stream = open([]);
      for (const payload of fuA(annexB, size)) stream.push(payload, 0, false);
      stream.flush();
      assert.deepEqual(hex(stream.frames[0]), expected, `fragments of ${size}`);
      assert.deepEqual(stream.damage, []);
    }
    for (const payload of [annexB, concatBytes([parseHex('00000001'), annexB]), stapA(annexB)]) {
      const stream = open([]);
      stream.push(payload, 0, true);
      stream.flush();
      assert.deepEqual(hex(stream.frames[0]), expected);
    }
  });

  it('takes FU-A with start and end bit (OpenIPC), without end bit, and without start bit at the front of a picture', () => {
    const whole = concatBytes([Uint8Array.of(0x7c, 0xc5), idr.subarray(1)]);
    const stream = open();
    stream.push(whole, 0, true);
    const [first, second] = fuA(p, 4) as [Uint8Array, Uint8Array];
    const withoutEnd = second.slice();
    withoutEnd[1]! &= 0xbf;
    stream.push(first, 3600, false);
    stream.push(withoutEnd, 3600, true);
    const withoutStart = first.slice();
    withoutStart[1]! &= 0x7f;
    stream.push(withoutStart, 7200, false);
    stream.push(second, 7200, true);
    assert.deepEqual(stream.frames.map(hex), [[toHex(idr)], [toHex(p)], [toHex(p)]]);
    assert.deepEqual(counts(stream.damage), [['malformed', 1]]);
  });

  it('stops at zeros behind a STAP-A and counts a size past its end', () => {
    const stream = open([]);
    stream.push(concatBytes([stapA(sps, pps, idr), parseHex('000000')]), 0, true);
    stream.push(concatBytes([stapA(p), parseHex('00ff41')]), 3600, true);
    assert.deepEqual(stream.frames.map(hex), [[sps, pps, idr].map(toHex), [toHex(p)]]);
    assert.deepEqual(counts(stream.damage), [['malformed', 1]]);
  });

  it('counts what is no NAL unit, and goes on', () => {
    const stream = open();
    stream.push(idr, 0, true);
    for (const garbage of ['00aabb', '19aabbcc', '1aaabbcc', '1daabbcc', '1eaa', '1faa', 'e5aabb', '7c85']) {
      stream.push(parseHex(garbage), 3600, false);
    }
    stream.push(new Uint8Array(0), 3600, false);
    stream.push(p, 3600, true);
    assert.equal(stream.frames.length, 2);
    assert.deepEqual(
      counts(stream.damage),
      Array.from({ length: 8 }, () => ['malformed', 1]),
    );
  });

  it('keeps a frame with its loss noted: the fragment before is cut, those behind are left out', () => {
    const stream = open();
    stream.push(idr, 0, true);
    const [first, , third, last] = fuA(p, 2) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    stream.push(first, 3600, false);
    stream.lost(1);
    stream.push(third, 3600, false);
    stream.push(last, 3600, true);
    stream.push(p, 7200, true);
    assert.deepEqual(
      stream.frames.map((frame) => frame.packetsLost),
      [0, 1, 0],
    );
    assert.deepEqual(hex(stream.frames[1]), [toHex(p.subarray(0, 3))]);
    assert.deepEqual(counts(stream.damage), [['packets-lost', 1]]);
  });

  it('notes a loss before a picture on that picture', () => {
    const stream = open();
    stream.push(idr, 0, true);
    stream.push(p, 3600, true);
    stream.lost(7);
    stream.push(p, 7200, true);
    assert.deepEqual(
      stream.frames.map((frame) => frame.packetsLost),
      [0, 0, 7],
    );
    assert.deepEqual(counts(stream.damage), [['packets-lost', 7]]);
  });

  it('does not learn from a parameter set that was cut off', () => {
    const stream = open();
    stream.push(idr, 0, true);
    stream.push(fuA(sps, 6)[0]!, 3600, false);
    stream.lost(1);
    stream.push(p, 3600, true);
    assert.equal(stream.tracks.length, 1);
    assert.deepEqual(
      stream.frames.map((frame) => frame.nalUnits.length),
      [1, 1],
    );
  });

  it('begins in the middle of a fragmented picture without damage, and with the next', () => {
    const stream = open();
    for (const payload of fuA(idr, 3).slice(1)) stream.push(payload, 0, false);
    stream.push(p, 3600, true);
    stream.flush();
    assert.deepEqual(stream.frames.map(hex), [[toHex(p)]]);
    assert.deepEqual(stream.damage, []);
  });

  it('counts pictures until their parameter sets come in-band', () => {
    const stream = open([]);
    stream.push(p, 0, true);
    stream.push(p, 3600, true);
    stream.push(stapA(sps, pps), 7200, false);
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

  it('announces changed parameter sets before their key frame, the same ones not at all', () => {
    const stream = open();
    const larger = parseHex('67640033ac1514a0a03d90');
    stream.push(stapA(sps, pps), 0, false);
    stream.push(idr, 0, true);
    stream.push(p, 3600, true);
    stream.push(stapA(larger, pps), 7200, false);
    stream.push(idr, 7200, true);
    assert.deepEqual(stream.events, ['track', 'frame', 'frame', 'track', 'frame']);
    assert.deepEqual(
      stream.tracks.map((track) => track.codecString),
      ['avc1.42c01f', 'avc1.640033'],
    );
    assert.deepEqual(hex(stream.frames[2]), [larger, pps, idr].map(toHex), 'the sets stay in the frame');
  });

  it('knows a key frame by a recovery point of 0 with I slices only', () => {
    const stream = open();
    stream.push(idr, 0, true);
    stream.push(recoveryPoint, 3600, false);
    stream.push(intra, 3600, true);
    stream.push(recoveryPoint, 7200, false);
    stream.push(p, 7200, true);
    stream.push(intra, 10800, true);
    assert.deepEqual(
      stream.frames.map((frame) => frame.key),
      [true, true, false, false],
    );
  });

  it('drops an access unit over 8 MiB, also one that never ends, and goes on', () => {
    const stream = open();
    const chunk = concatBytes([Uint8Array.of(0x7c, 0x05), new Uint8Array(60_000).fill(0xaa)]);
    stream.push(concatBytes([Uint8Array.of(0x7c, 0x85, 0x88), new Uint8Array(9)]), 0, false);
    for (let index = 0; index < 400; index++) stream.push(chunk, 0, false);
    stream.push(idr, 3600, true);
    stream.push(p, 7200, true);
    assert.deepEqual(
      stream.frames.map((frame) => frame.ptsTicks),
      [3600, 7200],
    );
    assert.deepEqual(counts(stream.damage).slice(0, 1), [['oversized', 1]]);
    for (let index = 0; index < 200_000; index++) stream.push(sei, 10800, false);
    assert.ok(stream.damage.some((value) => value.reason === 'oversized'));
  });
});
