import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { footagePath, needs, openTempFolder } from '@porchlight/base/testing';
import { concatBytes } from '#bytes';
import {
  MediaError,
  openDecodeTimes,
  type CodedFrame,
  type Damage,
  type TrackDescription,
  type VideoFrame,
  type VideoTrack,
} from '#frame';
import { toFragmentSample, toSampleBytes, writeFragment, writeInit } from '#fmp4';
import { openH264Depacketizer, packetizeH264, readH264ByteStream } from '#h264';
import { openH265Depacketizer, packetizeH265, readH265ByteStream } from '#h265';

/**
 * Every bitstream of the footage set through the whole media path: byte stream → frames → RTP payloads → frames → fMP4.
 * A number: so many pictures, and ffmpeg decodes the MP4 to the same frame hashes, in the same order, as the original.
 * 'refused': a `MediaError`, allowed only because ffmpeg decodes no picture of it either.
 */
const outcomes: Record<string, number | 'refused'> = {
  'h264/derived-BA_MW_D-without-sps-pps.264': 'refused',
  'h264/derived-concat-qcif-to-cif.264': 399,
  'h264/edge264-finish-frame.264': 9,
  'h264/edge264-missing-ps.264': 'refused',
  'h264/edge264-nal-ref-idc-0.264': 1,
  'h264/edge264-poc-out-of-order.264': 3,
  'h264/edge264-supp-nals.264': 2,
  'h264/edge264-zero-cropping.264': 'refused',
  'h264/fate-FRExt1_Panasonic.avc': 8,
  'h264/fate-FRExt_MMCO4_Sony_B.264': 60,
  'h264/fate-Freh7_B.264': 100,
  'h264/fate-HCAFF1_HHI.264': 10,
  'h264/fate-HCAMFF1_HHI.264': 10,
  'h264/libvpl-cars_320x240.h264': 30,
  'h264/openh264-BA1_FT_C.264': 299,
  'h264/openh264-BASQP1_Sony_C.jsv': 4,
  'h264/openh264-BA_MW_D.264': 100,
  'h264/openh264-BA_MW_D_IDR_LOST.264': 70,
  'h264/openh264-BA_MW_D_P_LOST.264': 99,
  'h264/openh264-CVFC1_Sony_C.jsv': 50,
  'h264/openh264-Cisco_Men_whisper_640x320_CABAC_Bframe_9.264': 9,
  'h264/openh264-Error_I_P.264': 6,
  'h264/openh264-MPS_MW_A.264': 150,
  'h264/openh264-NRF_MW_E.264': 100,
  'h264/openh264-SVA_FM1_E.264': 17,
  'h264/openh264-SarVui.264': 17,
  'h264/openh264-VID_1280x720_cabac_temporal_direct.264': 300,
  'h264/openh264-jm_1080p_allslice.264': 1,
  'h264/openh264-sps_subsetsps_bothVUI.264': 'refused',
  'h264/openh264-test_cif_P_CABAC_slice.264': 300,
  'h265/derived-4slices-bpyramid-opengop.265': 100,
  'h265/derived-resolution-change-768x432-640x360.265': 300,
  'h265/h265nal-foo.265': 335,
  'h265/h265nal-pps_fdump_crash.202203.265': 'refused',
  'h265/libvpl-cars_320x240.h265': 30,
};

type Run = { readonly track: VideoTrack; readonly frames: VideoFrame[] };

const codecs = {
  h264: { read: readH264ByteStream, packetize: packetizeH264, open: openH264Depacketizer },
  h265: { read: readH265ByteStream, packetize: packetizeH265, open: openH265Depacketizer },
};

/** Frames over RTP and back, cut where the track changes. */
function overRtp(
  codec: 'h264' | 'h265',
  items: readonly (VideoTrack | VideoFrame)[],
): { runs: Run[]; damage: Damage[] } {
  const runs: Run[] = [];
  const damage: Damage[] = [];
  const sink = {
    onTrack: (_track: number, track: TrackDescription) => void runs.push({ track: track as VideoTrack, frames: [] }),
    onFrame: (frame: unknown) => void runs.at(-1)!.frames.push(frame as VideoFrame),
    onDamage: (value: Damage) => void damage.push(value),
  };
  const first = items.find((item): item is VideoTrack => 'codec' in item)!;
  const depacketizer = codecs[codec].open({ track: 0, clockRateHz: 90000, sink, parameterSets: first.parameterSets });
  for (const item of items) {
    if ('codec' in item) continue;
    const payloads = codecs[codec].packetize(item.nalUnits, 1400);
    payloads.forEach((payload, index) => depacketizer.push(payload, item.ptsTicks, index === payloads.length - 1));
  }
  depacketizer.flush();
  return { runs, damage };
}

function toMp4({ track, frames }: Run): Uint8Array {
  const times = openDecodeTimes({ clockRateHz: 90000, reorderDepth: track.reorderDepth });
  const dts = frames.map((frame) => times.next(frame.ptsTicks).dtsTicks);
  for (let index = 1; index < dts.length; index++) dts[index] = Math.max(dts[index]!, dts[index - 1]! + 1);
  const samples = frames.map((frame, index) =>
    toFragmentSample(frame, dts[index]!, (dts[index + 1] ?? dts[index]! + 3600) - dts[index]!),
  );
  const head = writeFragment({ sequenceNumber: 1, tracks: [{ trackId: 1, baseDecodeTicks: 0, samples }] });
  return concatBytes([writeInit([track]), head, ...frames.flatMap(toSampleBytes)]);
}

/** Size and hash of every decoded picture, in output order. */
function frameHashes(path: string, format: 'h264' | 'hevc' | 'mp4'): string[] {
  const args = [
    '-v',
    'quiet',
    '-f',
    format,
    '-i',
    path,
    '-map',
    '0:v',
    '-vsync',
    'passthrough',
    '-autoscale',
    '0',
    '-f',
    'framemd5',
    '-',
  ];
  try {
    const lines = execFileSync('ffmpeg', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n');
    return lines.filter((line) => /^\d/.test(line)).map((line) => line.split(',').slice(4).join(' ').trim());
  } catch {
    return [];
  }
}

describe(
  'every bitstream goes byte stream → RTP → fMP4 and decodes to the same pictures',
  needs('ffmpeg', 'footage'),
  () => {
    const files = ['h264', 'h265'].flatMap((codec) =>
      readdirSync(footagePath('bitstreams', codec)).map((name) => `${codec}/${name}`),
    );

    it('the table names every file', () => assert.deepEqual(Object.keys(outcomes).sort(), files.sort()));

    for (const file of files) {
      const outcome = outcomes[file];
      it(`${file}: ${outcome === 'refused' ? 'refused' : `${outcome} pictures`}`, () => {
        using folder = openTempFolder();
        const path = footagePath('bitstreams', ...file.split('/'));
        const codec = file.startsWith('h264') ? 'h264' : 'h265';
        const expected = frameHashes(path, codec === 'h264' ? 'h264' : 'hevc');
        if (outcome === 'refused') {
          assert.throws(() => codecs[codec].read(readFileSync(path)), MediaError);
          assert.deepEqual(expected, []);
          return;
        }
        const bytes = readFileSync(path);
        const { runs, damage } = overRtp(codec, codecs[codec].read(bytes));
        const got = runs.flatMap((run, index) => {
          const mp4 = join(folder.path, `${index}.mp4`);
          writeFileSync(mp4, toMp4(run));
          return frameHashes(mp4, 'mp4');
        });
        assert.deepEqual(got, expected);
        assert.equal(got.length, outcome);
        assert.deepEqual(damage, []);
        assert.deepEqual(bytes, readFileSync(path), 'the input was changed');
      });
    }
  },
);

describe('interlaced pictures', needs('footage'), () => {
  it('whose fields are sent as access units of their own come back as one frame each', () => {
    for (const name of ['fate-HCAFF1_HHI.264', 'fate-Freh7_B.264']) {
      const items = readH264ByteStream(readFileSync(footagePath('bitstreams', 'h264', name)));
      const sent = items.filter((item): item is VideoFrame => !('codec' in item));
      const got: VideoFrame[] = [];
      const sink = {
        onTrack: () => {},
        onFrame: (frame: CodedFrame) => void got.push(frame as VideoFrame),
        onDamage: (damage: Damage) => assert.fail(damage.reason),
      };
      const depacketizer = openH264Depacketizer({ track: 0, clockRateHz: 90000, sink, parameterSets: [] });
      for (const frame of sent) {
        frame.nalUnits.forEach((unit, field) => {
          const payloads = packetizeH264([unit], 1400);
          const ticks = frame.ptsTicks + field * 10;
          payloads.forEach((payload, index) => depacketizer.push(payload, ticks, index === payloads.length - 1));
        });
      }
      depacketizer.flush();
      const shape = (frames: readonly VideoFrame[]) =>
        frames.map((frame) => frame.nalUnits.filter((unit) => unit.type <= 5).map((unit) => unit.sizeBytes));
      assert.deepEqual(shape(got), shape(sent), name);
      assert.ok(
        sent.some((frame) => frame.nalUnits.filter((unit) => unit.type === 1).length === 2),
        'there are field pairs',
      );
    }
  });
});
