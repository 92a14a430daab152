import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import { openFakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { footagePath, needs } from '@porchlight/base/testing';
import { parseUtf8 } from '@porchlight/media/bytes';
import type { CodedFrame } from '@porchlight/media/frame';
import { openPayload } from '@porchlight/media/payload';
import { openRtpReceiver, writeRtpPacket, type RtpReceiver } from '@porchlight/media/rtp';
import { parseSdp } from '@porchlight/media/sdp';
import { openMovieFile } from '#scene';
import { openSimulator } from './index.ts';
import { openTestClient } from './test/test-client.ts';

const parameterSetTypes = { h264: [7, 8, 9], h265: [32, 33, 34, 35] };

/** What must arrive unchanged: the picture's NAL units without parameter sets and delimiters, or the sound's bytes. */
function toHash(frame: CodedFrame, codec: string): string {
  const hash = createHash('sha1');
  if (frame.kind === 'audio') return hash.update(frame.data).digest('hex');
  const left = codec === 'h264' ? parameterSetTypes.h264 : parameterSetTypes.h265;
  for (const unit of frame.nalUnits) {
    if (left.includes(unit.type)) continue;
    hash.update(String(unit.sizeBytes));
    for (const part of unit.parts) hash.update(part);
  }
  return hash.digest('hex');
}

describe('a movie played by a simulated camera and received by the house', needs('footage'), () => {
  const files = needs('footage').skip === false ? readdirSync(footagePath('video')) : [];
  for (const file of files.filter((name) => name.endsWith('.mp4'))) {
    test(`${file} arrives byte for byte, at the times of the file`, async () => {
      const path = footagePath('video', file);
      const source = openMovieFile(path);
      const { movie } = source;
      const clock = openFakeClock();
      const simulator = await openSimulator({ clock, log: openFakeLog(), streams: { main: { path } }, port: 0 });
      const client = await openTestClient(simulator.url('main'));
      const { media } = parseSdp(parseUtf8((await client.request('DESCRIBE')).body));
      const frames: CodedFrame[][] = media.map(() => []);
      const receivers = media.map((one, track): RtpReceiver => {
        const sink = {
          onTrack: () => undefined,
          onFrame: (frame: CodedFrame) => void frames[track]!.push(frame),
          onDamage: ({ reason }: { reason: string }) => assert.fail(reason),
        };
        const payload = openPayload({ media: one, track, sink });
        assert.ok(!('unsupported' in payload), 'unsupported' in payload ? payload.unsupported : '');
        return openRtpReceiver({
          ...{ clockRateHz: payload.clockRateHz, reorder: 'none' },
          onPayload: (bytes, ptsTicks, marker) => payload.depacketizer.push(bytes, ptsTicks, marker),
          onLost: (packets) => assert.fail(`${packets} lost`),
        });
      });
      await client.play(media.length);
      await clock.advance(3000);
      await client.request('GET_PARAMETER');
      for (const { track, payload, ...fields } of client.packets) {
        receivers[track]!.push(writeRtpPacket({ payloadType: 96, ...fields }, payload), 0);
      }
      movie.tracks.forEach((description, track) => {
        const got = frames[track]!;
        assert.ok(got.length > 20, `${got.length} frames of ${description.codec}`);
        const clockRateHz = media[track]!.payloads[0]!.clockRateHz;
        got.forEach((frame, index) => {
          const sent = movie.readSample(track, index % movie.samples[track]!.sampleCount);
          assert.equal(toHash(frame, description.codec), toHash(sent, description.codec), `frame ${index}`);
          if (index >= movie.samples[track]!.sampleCount) return;
          const first = movie.readSample(track, 0).ptsTicks;
          const expected = ((sent.ptsTicks - first) * clockRateHz) / description.clockRateHz;
          assert.ok(Math.abs(frame.ptsTicks - got[0]!.ptsTicks - expected) <= 1, `time of frame ${index}`);
        });
      });
      client.close();
      await simulator.close();
      source.close();
    });
  }
});
