import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { footagePath, needs } from '@porchlight/base/testing';
import { parseBase64, parseHex, toHex } from '#bytes';
import { MediaError, type VideoFrame, type VideoTrack } from '#frame';
import {
  parseHevcConfiguration,
  parsePps,
  parseSps,
  parseVps,
  readH265ByteStream,
  toH265Track,
  writeHevcConfiguration,
} from './index.ts';
import { toCodecString } from './profile-tier-level.ts';

function read(name: string): { tracks: VideoTrack[]; frames: VideoFrame[] } {
  const items = readH265ByteStream(readFileSync(footagePath('bitstreams', 'h265', name)));
  return {
    tracks: items.filter((item): item is VideoTrack => 'codec' in item),
    frames: items.filter((item): item is VideoFrame => !('codec' in item)),
  };
}

describe('the codec string of H.265', () => {
  const main = {
    profileSpace: 0,
    highTier: false,
    profileIdc: 1,
    compatibilityFlags: 0x60000000,
    constraintBytes: [0xb0, 0, 0, 0, 0, 0],
    levelIdc: 93,
  };

  it('is that of ISO/IEC 14496-15 E.3', () => {
    assert.equal(toCodecString(main), 'hvc1.1.6.L93.B0');
    assert.equal(
      toCodecString({ ...main, profileIdc: 2, compatibilityFlags: 0x20000000, highTier: true, levelIdc: 153 }),
      'hvc1.2.4.H153.B0',
    );
    assert.equal(toCodecString({ ...main, profileSpace: 1, constraintBytes: [0, 0, 0, 0, 0, 0] }), 'hvc1.A1.6.L93');
    assert.equal(
      toCodecString({ ...main, compatibilityFlags: 0x80000001, constraintBytes: [0x90, 0, 4, 0, 0, 0] }),
      'hvc1.1.80000001.L93.90.0.4',
    );
  });
});

describe('H.265 parameter sets of real streams', needs('footage'), () => {
  it('give size, level, reorder depth and frame rate', () => {
    const [track] = read('h265nal-foo.265').tracks;
    assert.deepEqual([track!.widthPx, track!.heightPx, track!.reorderDepth, track!.frameRate], [1920, 800, 2, 24]);
    assert.equal(track!.codecString, 'hvc1.1.6.L120.80');
    assert.deepEqual(
      track!.parameterSets.map((set) => (set[0]! >> 1) & 63),
      [32, 33, 34],
    );
    assert.equal(parseVps(track!.parameterSets[0]!).id, 0);
    assert.equal(parsePps(track!.parameterSets[2]!).spsId, 0);
  });

  it('that change give a new track before their key frame', () => {
    const items = readH265ByteStream(
      readFileSync(footagePath('bitstreams', 'h265', 'derived-resolution-change-768x432-640x360.265')),
    );
    const sizes = items.flatMap((item, index) => {
      if (!('codec' in item)) return [];
      const next = items[index + 1] as VideoFrame;
      assert.ok(next.key);
      return [[item.widthPx, item.heightPx]];
    });
    assert.deepEqual(sizes, [
      [768, 432],
      [640, 360],
      [768, 432],
    ]);
  });

  it('leading pictures of an open GOP stand before their CRA and are kept', () => {
    const { frames } = read('derived-4slices-bpyramid-opengop.265');
    const at = frames.findIndex((frame, index) => index > 0 && frame.nalUnits.some((unit) => unit.type === 21));
    const leading = frames
      .slice(at + 1)
      .filter((frame) => frame.nalUnits.some((unit) => unit.type === 8 || unit.type === 9));
    assert.ok(at > 0 && leading.length > 0);
    assert.ok(frames[at + 1]!.ptsTicks < frames[at]!.ptsTicks);
    assert.equal(new Set(frames.map((frame) => frame.ptsTicks)).size, frames.length);
  });

  it('of a recorded camera’s SDP describe its track', () => {
    let seen = 0;
    for (const name of readdirSync(footagePath('rtsp')).filter((file) => file.endsWith('.txt'))) {
      const text = readFileSync(footagePath('rtsp', name), 'latin1');
      const sprop = ['vps', 'sps', 'pps'].map((set) => new RegExp(`sprop-${set}=([^;\\s]+)`).exec(text)?.[1]);
      if (sprop.includes(undefined)) continue;
      const track = toH265Track({ parameterSets: sprop.map((set) => parseBase64(set!)), clockRateHz: 90000 });
      assert.ok(track.widthPx >= 320 && track.heightPx >= 180, `${name}: ${track.widthPx} × ${track.heightPx}`);
      assert.match(track.codecString, /^hvc1\.\d\.\d+\.[LH]\d+/);
      seen++;
    }
    assert.ok(seen >= 1, `${seen} seen`);
  });
});

describe('hvcC', needs('footage'), () => {
  it('comes back as it was written', () => {
    const [track] = read('libvpl-cars_320x240.h265').tracks;
    const bytes = writeHevcConfiguration(track!);
    const sps = parseSps(track!.parameterSets[1]!);
    assert.equal(bytes[1], 1);
    assert.equal(bytes[12], sps.profile.levelIdc);
    const back = parseHevcConfiguration(bytes);
    assert.equal(back.lengthSizeBytes, 4);
    assert.deepEqual(back.parameterSets.map(toHex), track!.parameterSets.map(toHex));
  });

  it('cut off at any byte is refused', () => {
    const bytes = writeHevcConfiguration(read('libvpl-cars_320x240.h265').tracks[0]!);
    for (let end = 0; end < bytes.length; end++) {
      assert.throws(() => parseHevcConfiguration(bytes.subarray(0, end)), MediaError, `${end} of ${toHex(bytes)}`);
    }
    assert.throws(
      () =>
        writeHevcConfiguration({ ...read('libvpl-cars_320x240.h265').tracks[0]!, parameterSets: [parseHex('4001')] }),
      MediaError,
    );
  });
});
