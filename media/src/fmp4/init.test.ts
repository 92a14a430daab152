import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ALL_FORMATS, BufferSource, type EncodedPacket, EncodedPacketSink, Input } from 'mediabunny';
import { concatBytes, parseHex } from '#bytes';
import { MediaError, type AudioTrack, type TrackDescription } from '#frame';
import { toH264Track } from '#h264';
import { parseInit, writeFragment, writeInit } from './index.ts';

const parameterSets = [parseHex('6742c01fd9005005bb0110000003001000000301e0f1832480'), parseHex('68cb83cb20')];
const video = toH264Track({ parameterSets, clockRateHz: 90_000 });
const streamInfo = parseHex('1000100000000000000001f400f00000000000000000000000000000000000000000'); // 8 kHz, mono, 16 bits
const audios: AudioTrack[] = [
  {
    kind: 'audio',
    codec: 'aac',
    clockRateHz: 16_000,
    sampleRateHz: 16_000,
    channels: 1,
    config: parseHex('1408'),
    codecString: 'mp4a.40.2',
  },
  {
    kind: 'audio',
    codec: 'opus',
    clockRateHz: 48_000,
    sampleRateHz: 48_000,
    channels: 2,
    config: new Uint8Array(0),
    codecString: 'opus',
  },
  {
    kind: 'audio',
    codec: 'flac',
    clockRateHz: 8000,
    sampleRateHz: 8000,
    channels: 1,
    config: streamInfo,
    codecString: 'flac',
  },
];

describe('an init section', () => {
  for (const audio of audios) {
    it(`gives back H.264 and ${audio.codec} as they were described`, () => {
      assert.deepEqual(parseInit(writeInit([video, audio])), [video, audio]);
    });

    it(`with ${audio.codec} is understood by another program, with its samples and times`, async () => {
      const picture = { sizeBytes: 9, durationTicks: 6000, compositionOffsetTicks: 0, key: true, reference: true };
      const sound = { ...picture, sizeBytes: 3, durationTicks: 960 };
      const tracks = [
        { trackId: 1, baseDecodeTicks: 0, samples: [picture, { ...picture, key: false }] },
        { trackId: 2, baseDecodeTicks: 480, samples: [sound, sound, sound] },
      ];
      const data = [parseHex('000000056588010203'), parseHex('000000054188010203'), parseHex('010203040506070809')];
      const file = concatBytes([writeInit([video, audio]), writeFragment({ sequenceNumber: 1, tracks }), ...data]);
      const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(file) });
      const seenVideo = await input.getPrimaryVideoTrack();
      const seenAudio = await input.getPrimaryAudioTrack();
      assert.equal(seenVideo?.codec, 'avc');
      assert.equal(await seenVideo.getCodecParameterString(), 'avc1.42c01f');
      assert.deepEqual([seenVideo.codedWidth, seenVideo.codedHeight], [1280, 720]);
      assert.equal(seenAudio?.codec, audio.codec);
      assert.deepEqual([seenAudio.sampleRate, seenAudio.numberOfChannels], [audio.sampleRateHz, audio.channels]);
      const pictures: EncodedPacket[] = [];
      for await (const packet of new EncodedPacketSink(seenVideo).packets()) pictures.push(packet);
      assert.deepEqual(
        pictures.map(({ timestamp, type }) => [timestamp, type]),
        [
          [0, 'key'],
          [6000 / 90_000, 'delta'],
        ],
      );
      const sounds: EncodedPacket[] = [];
      for await (const packet of new EncodedPacketSink(seenAudio).packets()) sounds.push(packet);
      assert.deepEqual(
        sounds.map(({ data: bytes }) => Buffer.from(bytes).toString('hex')),
        ['010203', '040506', '070809'],
      );
      assert.equal(sounds[0]!.timestamp, 480 / audio.clockRateHz);
      input.dispose();
    });
  }

  it('is the same bytes for the same description', () => {
    assert.deepEqual(writeInit([video]), writeInit([toH264Track({ parameterSets, clockRateHz: 90_000 })]));
  });

  it('refuses what MP4 cannot hold', () => {
    const pcmu = { ...audios[0]!, codec: 'pcmu' } as const;
    assert.throws(() => writeInit([video, pcmu]), TypeError);
    assert.throws(() => writeInit([]), TypeError);
  });

  it('of any or changed bytes gives descriptions or a MediaError', () => {
    const bytes = writeInit([video, ...audios]);
    const parse = (input: Uint8Array): void => {
      const before = input.slice();
      try {
        const tracks: TrackDescription[] = parseInit(input);
        assert.ok(Array.isArray(tracks));
      } catch (error) {
        assert.ok(error instanceof MediaError, String(error));
      }
      assert.deepEqual(input, before);
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), parse));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        (changes) => {
          const mutated = bytes.slice();
          for (const [at, value] of changes) mutated[at] = value;
          parse(mutated);
        },
      ),
      { numRuns: 2000 },
    );
    for (let cut = 0; cut < bytes.length; cut++) parse(bytes.subarray(0, cut));
  });
});
