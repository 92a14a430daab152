import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseHex, toHex } from '#bytes';
import { MediaError } from '#frame';
import {
  parseAudioSpecificConfig,
  parseStreamMuxConfig,
  toAacCodecString,
  toAacTrack,
  writeAacLcConfig,
} from './index.ts';

const summary = (hex: string): string => {
  const config = parseAudioSpecificConfig(parseHex(hex));
  const { objectType, sampleRateHz, outputSampleRateHz, channels, frameSamples } = config;
  return `${toAacCodecString(config)} ${objectType} ${sampleRateHz}>${outputSampleRateHz} x${channels} ${frameSamples}`;
};

test('configs as cameras and encoders write them', () => {
  const cases = {
    '1190': 'mp4a.40.2 2 48000>48000 x2 1024',
    '1408': 'mp4a.40.2 2 16000>16000 x1 1024',
    '1188': 'mp4a.40.2 2 48000>48000 x1 1024',
    // Sync extension: SBR said to be absent, then present, then PS as well.
    '119056e500': 'mp4a.40.2 2 48000>48000 x2 1024',
    '131056e598': 'mp4a.40.5 2 24000>48000 x2 1024',
    '130856e59d4880': 'mp4a.40.29 2 24000>48000 x1 1024',
    // Hierarchical signalling: SBR and PS in front.
    '2b118800': 'mp4a.40.5 2 24000>48000 x2 1024',
    eb098800: 'mp4a.40.29 2 24000>48000 x1 1024',
    // 960 samples, explicit rate.
    '1194': 'mp4a.40.2 2 48000>48000 x2 960',
    '1780bb8010': 'mp4a.40.2 2 96000>96000 x2 1024',
    // AAC-ELD with 512 and with 480 samples.
    f8e84000: 'mp4a.40.39 39 44100>44100 x2 512',
    f8e85000: 'mp4a.40.39 39 44100>44100 x2 480',
  };
  for (const [hex, expected] of Object.entries(cases)) assert.equal(summary(hex), expected, hex);
});

test('a written AAC-LC config is parsed as it was', () => {
  for (const rate of [8000, 16_000, 44_100, 48_000]) {
    for (const channels of [1, 2, 6, 8]) {
      const config = parseAudioSpecificConfig(writeAacLcConfig(rate, channels));
      assert.deepEqual([config.objectType, config.sampleRateHz, config.channels], [2, rate, channels]);
    }
  }
  assert.equal(toHex(writeAacLcConfig(48_000, 2)), '1190');
  assert.throws(() => writeAacLcConfig(12_345, 1), TypeError);
});

test('the stream mux config of RFC 6416 holds its audio config on any bit', () => {
  const { config, subFrames, otherDataBits } = parseStreamMuxConfig(parseHex('400026203fc0'));
  assert.deepEqual([toHex(config), subFrames, otherDataBits], ['1310', 1, 0]);
  assert.equal(toAacTrack(config, 24_000).sampleRateHz, 24_000);
  assert.throws(() => parseStreamMuxConfig(parseHex('40002620')), MediaError);
  assert.throws(() => parseStreamMuxConfig(parseHex('400826203fc0')), { reason: 'unsupported' });
});

test('what is not AAC is refused as unsupported, what is cut as truncated', () => {
  assert.throws(() => parseAudioSpecificConfig(parseHex('4190')), { reason: 'unsupported' });
  assert.throws(() => parseAudioSpecificConfig(parseHex('11')), { reason: 'truncated' });
  assert.throws(() => parseAudioSpecificConfig(parseHex('1690')), { reason: 'malformed' });
});

test('any bytes give a config or MediaError, and stay unchanged', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const copy = bytes.slice();
      for (const parse of [parseAudioSpecificConfig, parseStreamMuxConfig]) {
        try {
          assert.ok(parse(copy));
        } catch (error) {
          assert.ok(error instanceof MediaError);
        }
      }
      assert.deepEqual(copy, bytes);
    }),
    { numRuns: 2000 },
  );
});
