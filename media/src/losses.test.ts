import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { footagePath, needs } from '@porchlight/base/testing';
import { concatBytes } from '#bytes';
import type { CodedFrame, Damage, VideoFrame, VideoTrack } from '#frame';
import { openH264Depacketizer, packetizeH264, readH264ByteStream } from '#h264';
import { openH265Depacketizer, packetizeH265, readH265ByteStream } from '#h265';

const codecs = {
  h264: { read: readH264ByteStream, packetize: packetizeH264, open: openH264Depacketizer },
  h265: { read: readH265ByteStream, packetize: packetizeH265, open: openH265Depacketizer },
};

type Packet = { readonly payload: Uint8Array; readonly ptsTicks: number; readonly marker: boolean };

function load(codec: 'h264' | 'h265', name: string) {
  const items = codecs[codec].read(readFileSync(footagePath('bitstreams', codec, name)));
  const track = items.find((item): item is VideoTrack => 'codec' in item)!;
  const frames = items.filter((item): item is VideoFrame => !('codec' in item)).slice(0, 40);
  const packets = frames.flatMap((frame): Packet[] => {
    const payloads = codecs[codec].packetize(frame.nalUnits, 300);
    return payloads.map((payload, index) => ({
      payload,
      ptsTicks: frame.ptsTicks,
      marker: index === payloads.length - 1,
    }));
  });
  return { track, frames, packets };
}

const bytesOf = (frame: VideoFrame) => Buffer.from(concatBytes(frame.nalUnits.flatMap((unit) => unit.parts)));

describe('with packets lost anywhere in real streams', needs('footage'), () => {
  for (const [codec, name] of [
    ['h264', 'libvpl-cars_320x240.h264'],
    ['h264', 'openh264-BA1_FT_C.264'],
    ['h265', 'libvpl-cars_320x240.h265'],
    ['h265', 'derived-4slices-bpyramid-opengop.265'],
  ] as const) {
    it(`${name}: a frame without a noted loss is whole, and the rest is kept`, () => {
      const { track, frames, packets } = load(codec, name);
      const originals = new Map(frames.map((frame) => [frame.ptsTicks, bytesOf(frame)]));
      const drops = fc.uniqueArray(fc.nat(packets.length - 1), { maxLength: 20 });
      fc.assert(
        fc.property(drops, fc.boolean(), (dropped, marks) => {
          const got: VideoFrame[] = [];
          let lost = 0;
          const sink = {
            onTrack: () => {},
            onFrame: (frame: CodedFrame) => void got.push(frame as VideoFrame),
            onDamage: (damage: Damage) => void (lost += damage.reason === 'packets-lost' ? damage.count : 0),
          };
          const { parameterSets } = track;
          const depacketizer = codecs[codec].open({ track: 0, clockRateHz: 90000, sink, parameterSets });
          let missing = 0;
          packets.forEach(({ payload, ptsTicks, marker }, index) => {
            if (dropped.includes(index)) {
              missing++;
              return;
            }
            if (missing > 0) depacketizer.lost(missing);
            missing = 0;
            depacketizer.push(payload, ptsTicks, marker && marks);
          });
          depacketizer.flush();
          assert.equal(lost, dropped.length - missing);
          const touched = new Set(dropped.map((index) => packets[index]!.ptsTicks));
          assert.ok(got.length >= frames.length - touched.size);
          for (const frame of got.slice(0, missing > 0 ? -1 : undefined)) {
            if (frame.packetsLost === 0) assert.deepEqual(bytesOf(frame), originals.get(frame.ptsTicks));
          }
          const times = got.map((frame) => frame.ptsTicks);
          assert.equal(new Set(times).size, times.length, 'no picture comes twice');
        }),
        { numRuns: 60 },
      );
    });
  }
});
