import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFakeVolume } from '#volume';
import { openFakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { cameraIdSchema } from '@porchlight/contract/ids';
import { parseHex, toHex } from '@porchlight/media/bytes';
import { scanFragments, splitFragment } from '@porchlight/media/fmp4';
import type { CodedFrame, TrackDescription, VideoFrame } from '@porchlight/media/frame';
import { openH264Depacketizer } from '@porchlight/media/h264';
import { openH265Depacketizer } from '@porchlight/media/h265';
import { parseLengthPrefixed } from '@porchlight/media/nal';
import { openRecorder } from './index.ts';

/**
 * Cameras that sign their video put signatures into SEI user data (ONVIF Media Signing, Axis Signed Video: H.264 type 6 payload 5, H.265 types 39
 * and 40). A recorder that drops or reorders them makes the footage worthless as evidence.
 */
const uuid = '005bc93f2d71e95e00aabbccddeeff01';
const signature = 'c0ffee'.repeat(20);
const payload = `05${(16 + 60).toString(16)}${uuid}${signature}80`;

type Codec = 'h264' | 'h265';
const streams = {
  h264: {
    sets: ['6742c01fd9005005bb0110000003001000000301e0f1832480', '68cb83cb20'],
    pictures: ['65888421ff3c5ea7', '419a2101ff3c5ea7', '419a4101ff3c5ea7'],
    before: `06${payload}`,
    after: undefined,
  },
  h265: {
    sets: [
      '40010c06ffff01400000030080000003000003000003003c000008240c0000030004000003006540',
      '42010601400000030080000003000003003c0000a00a080f16342099246cac80',
      '4401c071c0d920',
    ],
    pictures: ['2601af1873dc98723eb4', '0201e0010511e638a5b8', '0201e0010511e638a5b9'],
    before: `4e01${payload}`,
    after: `5001${payload}`,
  },
} as const;

async function record(codec: Codec): Promise<string[][]> {
  const volume = openFakeVolume();
  const clock = openFakeClock(Date.UTC(2026, 0, 1));
  const recorder = openRecorder({
    ...{ camera: cameraIdSchema.parse('yard'), stream: 'main', volume, clock, log: openFakeLog() },
    emit: () => undefined,
  });
  const { sets, pictures, before, after } = streams[codec];
  const frames: VideoFrame[] = [];
  let track: TrackDescription | undefined;
  const open = codec === 'h264' ? openH264Depacketizer : openH265Depacketizer;
  const depacketizer = open({
    ...{ track: 0, clockRateHz: 90_000, parameterSets: sets.map(parseHex) },
    sink: {
      onTrack: (_index, described) => void (track = described),
      onFrame: (frame: CodedFrame) => void frames.push(frame as VideoFrame),
      onDamage: () => assert.fail('nothing is lost'),
    },
  });
  for (const [index, picture] of pictures.entries()) {
    const nalUnits = [...(index === 0 ? sets : []), before, picture, ...(after === undefined ? [] : [after])];
    for (const [at, nalUnit] of nalUnits.entries()) {
      depacketizer.push(parseHex(nalUnit), index * 3600, at === nalUnits.length - 1);
    }
  }
  depacketizer.flush();
  recorder.onTracks([track!], { id: 'r', startWallMs: clock.nowMs() });
  for (const frame of frames) {
    const wallMs = clock.nowMs() + frame.ptsTicks / 90;
    recorder.onFrame({ frame, dtsTicks: frame.ptsTicks, wallMs, receivedMs: clock.monotonicMs() });
  }
  await recorder.close();
  const [bytes] = volume.files.values();
  const readAt = (offset: number, length: number): Uint8Array => bytes!.subarray(offset, offset + length);
  const { fragments } = scanFragments({ sizeBytes: bytes!.length, readAt });
  return fragments
    .flatMap(({ offsetBytes, sizeBytes }) => splitFragment(readAt(offsetBytes, sizeBytes)))
    .map(({ data }) =>
      parseLengthPrefixed(data, 4, codec).map(({ parts }) => parts.map((part) => toHex(part)).join('')),
    );
}

for (const codec of ['h264', 'h265'] as const) {
  test(`SEI of a camera that signs its ${codec} video is recorded byte for byte, in its picture and in its place`, async () => {
    const { pictures, before, after } = streams[codec];
    const recorded = await record(codec);
    assert.equal(recorded.length, pictures.length);
    for (const [index, nalUnits] of recorded.entries()) {
      const kept = nalUnits.filter((nalUnit) => !streams[codec].sets.some((set) => set === nalUnit));
      assert.deepEqual(kept, [before, pictures[index], ...(after === undefined ? [] : [after])]);
    }
  });
}
