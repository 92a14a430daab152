import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { needs } from '@porchlight/base/testing';
import { concatBytes, parseHex } from '#bytes';
import type { AudioFrame, Damage, FrameSink, TrackDescription } from '#frame';
import { openLatmDepacketizer, openMpeg4GenericDepacketizer, packetizeMpeg4Generic, stripAdts } from './index.ts';

function collect() {
  const frames: AudioFrame[] = [];
  const damages: string[] = [];
  const tracks: TrackDescription[] = [];
  const sink: FrameSink = {
    onTrack: (_, track) => void tracks.push(track),
    onFrame: (frame) => void frames.push(frame as AudioFrame),
    onDamage: ({ reason, count }: Damage) => void damages.push(`${reason} ${count}`),
  };
  return { frames, damages, tracks, sink };
}

const config = parseHex('1190');
const hbr = { sizeBits: 13, indexBits: 3, indexDeltaBits: 3 };

function openHbr() {
  const seen = collect();
  return {
    ...seen,
    depacketizer: openMpeg4GenericDepacketizer({ track: 1, clockRateHz: 48_000, sink: seen.sink, config, widths: hbr }),
  };
}

/** An AAC-hbr payload of several whole units. */
const bundle = (...units: Uint8Array[]): Uint8Array =>
  concatBytes([
    Uint8Array.of(0, units.length * 16),
    ...units.map((unit) => Uint8Array.of(unit.length >> 5, (unit.length << 3) & 0xff)),
    ...units,
  ]);

test('several access units in a packet are views, one frame duration apart', () => {
  const { frames, tracks, depacketizer } = openHbr();
  const payload = bundle(Uint8Array.of(1, 2, 3), Uint8Array.of(4), Uint8Array.of(5, 6));
  const copy = payload.slice();
  depacketizer.push(payload, 10_000, true);
  assert.deepEqual(
    frames.map(({ ptsTicks, durationTicks, data }) => [ptsTicks, durationTicks, [...data]]),
    [
      [10_000, 1024, [1, 2, 3]],
      [11_024, 1024, [4]],
      [12_048, 1024, [5, 6]],
    ],
  );
  assert.ok(frames.every(({ data }) => data.buffer === payload.buffer));
  assert.deepEqual(payload, copy);
  assert.equal(tracks.length, 1);
});

test('a unit over several packets is joined; whatever is packetized comes back', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 3000 }), { maxLength: 8 }),
      fc.integer({ min: 20, max: 1500 }),
      (units, max) => {
        const { frames, damages, depacketizer } = openHbr();
        units.forEach((unit, index) => {
          const payloads = packetizeMpeg4Generic(unit, max);
          assert.ok(payloads.every((payload) => payload.length <= max));
          payloads.forEach((payload, at) => depacketizer.push(payload, index * 1024, at === payloads.length - 1));
        });
        depacketizer.flush();
        assert.deepEqual(damages, []);
        assert.deepEqual(
          frames.map(({ data }) => Buffer.from(data)),
          units.map((unit) => Buffer.from(stripAdts(unit))),
        );
      },
    ),
  );
});

test('a lost fragment costs its unit and nothing else', () => {
  const { frames, damages, depacketizer } = openHbr();
  const payloads = packetizeMpeg4Generic(new Uint8Array(300).fill(9), 104);
  assert.equal(payloads.length, 3);
  depacketizer.push(payloads[0]!, 0, false);
  depacketizer.lost(1);
  depacketizer.push(payloads[2]!, 0, true);
  depacketizer.push(bundle(Uint8Array.of(7)), 1024, true);
  assert.deepEqual(
    frames.map(({ ptsTicks, data }) => [ptsTicks, [...data]]),
    [[1024, [7]]],
  );
  assert.deepEqual(damages, ['packets-lost 1', 'malformed 1']);
});

test('lbr has one byte of header for each unit, interleaving is damage', () => {
  const seen = collect();
  const widths = { sizeBits: 6, indexBits: 2, indexDeltaBits: 2 };
  const depacketizer = openMpeg4GenericDepacketizer({
    track: 0,
    clockRateHz: 16_000,
    sink: seen.sink,
    config: parseHex('1408'),
    widths,
  });
  depacketizer.push(Uint8Array.of(0, 16, 2 << 2, 1 << 2, 11, 12, 13), 5, true);
  depacketizer.push(Uint8Array.of(0, 8, (1 << 2) | 1, 11), 5, true);
  assert.deepEqual(
    seen.frames.map(({ data }) => [...data]),
    [[11, 12], [13]],
  );
  assert.deepEqual(seen.damages, ['malformed 1']);
});

test('an ADTS header that a camera left in is taken off', () => {
  const { frames, depacketizer } = openHbr();
  const adts = Uint8Array.of(0xff, 0xf1, 0x4c, 0x80, 0x01, 0x5f, 0xfc, 1, 2, 3);
  depacketizer.push(bundle(adts), 0, true);
  assert.deepEqual([...frames[0]!.data], [1, 2, 3]);
});

test('any payloads give frames or damage in bounded memory, and stay unchanged', () => {
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.uint8Array({ maxLength: 60 }).map((rest) => Uint8Array.of(0, 16, ...rest)),
  );
  const seen = fc.array(fc.tuple(payload, fc.boolean(), fc.integer({ min: 0, max: 2 })), { maxLength: 40 });
  fc.assert(
    fc.property(seen, (packets) => {
      const { sink } = collect();
      const all = [
        openMpeg4GenericDepacketizer({ track: 0, clockRateHz: 48_000, sink, config, widths: hbr }),
        openLatmDepacketizer({ track: 0, clockRateHz: 48_000, sink, muxConfig: undefined, inBand: true }),
        openLatmDepacketizer({
          track: 0,
          clockRateHz: 48_000,
          sink,
          muxConfig: parseHex('400023203fc0'),
          inBand: false,
        }),
      ];
      const copies = packets.map(([bytes]) => bytes.slice());
      for (const depacketizer of all) {
        packets.forEach(([, marker, step], index) => {
          if (step === 2) depacketizer.lost(1);
          depacketizer.push(copies[index]!, step === 0 ? 0 : index, marker);
        });
        depacketizer.flush();
      }
      assert.deepEqual(
        copies,
        packets.map(([bytes]) => bytes),
      );
    }),
    { numRuns: 500 },
  );
});

describe('MP4A-LATM beside ffmpeg', needs('ffmpeg'), () => {
  const encode = (format: string): Buffer => {
    const sine = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000:duration=1', '-ac', '2', '-c:a', 'aac'];
    return execFileSync('ffmpeg', ['-v', 'error', ...sine, '-flags', '+bitexact', '-f', format, 'pipe:1']);
  };
  const readAdts = (bytes: Buffer): Uint8Array[] => {
    const units: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
      const size = ((bytes[at + 3]! & 3) << 11) | (bytes[at + 4]! << 3) | (bytes[at + 5]! >> 5);
      units.push(stripAdts(new Uint8Array(bytes.subarray(at, at + size))));
      at += size;
    }
    return units;
  };
  /** audioMuxElements of a LOAS stream. @see ISO/IEC 14496-3 1.7.2 */
  const readLoas = (bytes: Buffer): Uint8Array[] => {
    const elements: Uint8Array[] = [];
    for (let at = 0; at + 3 <= bytes.length;) {
      const size = ((bytes[at + 1]! & 0x1f) << 8) | bytes[at + 2]!;
      elements.push(new Uint8Array(bytes.subarray(at + 3, at + 3 + size)));
      at += 3 + size;
    }
    return elements;
  };

  test('elements with their configuration in the stream give the access units of the same sound in ADTS', () => {
    const units = readAdts(encode('adts'));
    const { sink, frames, tracks, damages } = collect();
    const depacketizer = openLatmDepacketizer({
      track: 0,
      clockRateHz: 48_000,
      sink,
      muxConfig: undefined,
      inBand: true,
    });
    readLoas(encode('latm')).forEach((element, index) => {
      const middle = element.length >> 1;
      depacketizer.push(element.subarray(0, middle), index * 1024, false);
      depacketizer.push(element.subarray(middle), index * 1024, true);
    });
    depacketizer.flush();
    assert.deepEqual(damages, []);
    assert.equal(tracks.length, 1);
    assert.equal(tracks[0]!.codecString, 'mp4a.40.2');
    assert.equal(frames.length, units.length);
    frames.forEach(({ data }, index) => assert.deepEqual(data, units[index]));
  });

  test('elements without configuration need that of the SDP and are views', () => {
    const { sink, frames } = collect();
    const muxConfig = parseHex('400023203fc0');
    const depacketizer = openLatmDepacketizer({ track: 0, clockRateHz: 48_000, sink, muxConfig, inBand: false });
    const unit = new Uint8Array(300).fill(5);
    const element = concatBytes([Uint8Array.of(255, 45), unit]);
    depacketizer.push(element, 77, true);
    assert.deepEqual(frames[0]?.data, unit);
    assert.equal(frames[0]?.data.buffer, element.buffer);
  });
});
