import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { footagePath, needs } from '@porchlight/base/testing';
import { concatBytes, parseBase64, parseHex, toHex } from '#bytes';
import { MediaError, type VideoTrack } from '#frame';
import {
  parseAvcConfiguration,
  parsePps,
  parseSliceHeader,
  parseSps,
  readH264ByteStream,
  toH264Track,
  writeAvcConfiguration,
} from './index.ts';
import { toNalUnit } from '#nal';

const pps = parseHex('68cb83cb20');
/** 1280 × 720, Constrained Baseline, VUI with timing and bitstream restriction. */
const sps = parseHex('6742c01fd9005005bb0110000003001000000301e0f1832480');

function firstTrack(name: string): VideoTrack {
  const items = readH264ByteStream(readFileSync(footagePath('bitstreams', 'h264', name)));
  return items.find((item): item is VideoTrack => 'codec' in item)!;
}

describe('an H.264 SPS', () => {
  it('gives size, profile, timing and reorder depth', () => {
    const track = toH264Track({ parameterSets: [sps, pps], clockRateHz: 90000 });
    assert.equal(track.codecString, 'avc1.42c01f');
    assert.deepEqual([track.widthPx, track.heightPx, track.reorderDepth, track.frameRate], [1280, 720, 0, 15]);
  });

  it('with bytes behind its end is accepted (Reolink)', () => {
    const outOfBand = parseSps(parseHex('67640033ac1514a0a03d90'));
    const inBand = parseSps(parseHex('67640033ac1514a0a03da1000004f6000063380404'));
    assert.deepEqual([outOfBand.widthPx, outOfBand.heightPx, outOfBand.vui], [640, 480, undefined]);
    assert.deepEqual([inBand.widthPx, inBand.heightPx, inBand.vui?.frameRate], [640, 480, 10]);
  });

  it('refuses what is no picture', () => {
    assert.throws(() => parseSps(pps), MediaError);
    assert.throws(() => parseSps(sps.subarray(0, 6)), { name: 'MediaError', reason: 'truncated' });
    assert.throws(() => toH264Track({ parameterSets: [sps], clockRateHz: 90000 }), MediaError);
  });

  it('takes the frame rate from elsewhere only where the VUI has none', () => {
    const bare = parseHex('67640033ac1514a0a03d90');
    assert.equal(toH264Track({ parameterSets: [bare, pps], clockRateHz: 90000, frameRate: 20 }).frameRate, 20);
    assert.equal(toH264Track({ parameterSets: [sps, pps], clockRateHz: 90000, frameRate: 20 }).frameRate, 15);
  });

  it('any bytes give a value or a MediaError, and stay as they were', () => {
    const mutated = fc
      .tuple(fc.constantFrom(sps, pps), fc.nat(24), fc.nat(255), fc.nat(25))
      .map(([set, at, value, end]) => {
        const bytes = set.slice(0, end);
        if (at > 0 && at < bytes.length) bytes[at] = value;
        return bytes;
      });
    const any = fc.uint8Array({ maxLength: 200 });
    const header = any.chain((bytes) =>
      fc.constantFrom(0x67, 0x68, 0x65).map((first) => concatBytes([Uint8Array.of(first), bytes])),
    );
    const sets = { sps: parseSps(sps), pps: parsePps(pps) };
    fc.assert(
      fc.property(fc.oneof(any, header, mutated), (bytes) => {
        const before = bytes.slice();
        for (const parse of [
          () => parseSps(bytes),
          () => parsePps(bytes),
          () => parseSliceHeader(toNalUnit('h264', bytes), sets),
          () => parseAvcConfiguration(bytes),
          () => toH264Track({ parameterSets: [bytes, pps], clockRateHz: 90000 }),
        ]) {
          try {
            parse();
          } catch (error) {
            assert.ok(error instanceof MediaError, String(error));
          }
        }
        assert.deepEqual(bytes, before);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('avcC', () => {
  it('comes back as it was written, with the tail that High profiles need', () => {
    const high = parseHex('67640033ac1514a0a03d90');
    const track = toH264Track({ parameterSets: [high, pps], clockRateHz: 90000 });
    const bytes = writeAvcConfiguration(track);
    assert.equal(toHex(bytes), '01640033ffe1000b67640033ac1514a0a03d9001000568cb83cb20fdf8f800');
    assert.deepEqual(parseAvcConfiguration(bytes), { parameterSets: [high, pps], lengthSizeBytes: 4 });
    const baseline = writeAvcConfiguration(toH264Track({ parameterSets: [sps, pps], clockRateHz: 90000 }));
    assert.equal(toHex(baseline.subarray(-5)), '68cb83cb20');
  });
});

describe('parameter sets of real streams and cameras', needs('footage'), () => {
  it('frame cropping and sample aspect ratio are read', () => {
    const cropped = firstTrack('openh264-CVFC1_Sony_C.jsv');
    assert.deepEqual([cropped.widthPx, cropped.heightPx], [300, 168]);
    const sar = parseSps(firstTrack('openh264-SarVui.264').parameterSets[0]!);
    assert.ok(sar.vui?.sampleAspectRatio);
  });

  it('interlaced pictures have their full height', () => {
    for (const name of ['fate-HCAFF1_HHI.264', 'fate-HCAMFF1_HHI.264', 'fate-Freh7_B.264']) {
      const track = firstTrack(name);
      assert.deepEqual([track.widthPx, track.heightPx], [352, 288], name);
    }
  });

  it('every sprop-parameter-sets of the recorded cameras describes a track', () => {
    let seen = 0;
    for (const name of readdirSync(footagePath('rtsp')).filter((file) => file.endsWith('.txt'))) {
      const text = readFileSync(footagePath('rtsp', name), 'latin1');
      for (const [, sprop] of text.matchAll(/sprop-parameter-sets=([^;\s]+)/g)) {
        const parameterSets = sprop!.split(',').map(parseBase64);
        const track = toH264Track({ parameterSets, clockRateHz: 90000 });
        assert.ok(track.widthPx >= 160 && track.heightPx >= 90, `${name}: ${track.widthPx} × ${track.heightPx}`);
        assert.match(track.codecString, /^avc1\.[0-9a-f]{6}$/);
        seen++;
      }
    }
    assert.ok(seen >= 5, `${seen} seen`);
  });
});
