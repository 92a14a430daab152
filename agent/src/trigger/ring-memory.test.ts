import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openRecorder } from '#recorder';
import { openStream } from '#stream';
import { openFakeVolume } from '#volume';
import { openFakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { cameraIdSchema } from '@porchlight/contract/ids';
import { recordingPlanSchema } from '@porchlight/contract/recording-plan';
import { scanFragments, splitFragment } from '@porchlight/media/fmp4';
import { openH264Depacketizer, packetizeH264 } from '@porchlight/media/h264';
import { openCameraRecording } from './index.ts';

const sps = Uint8Array.from(Buffer.from('Z0LAHtkAoD2wFqDAwMg=', 'base64'));
const pps = Uint8Array.from(Buffer.from('aMuDyyA=', 'base64'));
const camera = cameraIdSchema.parse('door');

/** A slice whose every byte tells its number; the header fields are those of one-slice pictures. */
function slice(number: number, key: boolean, sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes).fill(1 + (number % 251));
  bytes.set(key ? [0x65, 0x88, 0x84, 0x3f] : [0x41, 0x9a, 0x20 + ((number % 8) << 1), 0x3f]);
  return bytes;
}

test('what waits in the ring stays as it came while the memory it came in is used again, over many events', async () => {
  const [clock, log, volume] = [openFakeClock(Date.UTC(2026, 0, 1, 0, 0, 5)), openFakeLog(), openFakeVolume()];
  const stats = { transport: 'tcp' as const, packetsReceived: 0, packetsLost: 0, bytesReceived: 0, reconnects: 0 };
  const stream = openStream({ name: 'main', clock, log, sourceStats: () => stats });
  const plan = recordingPlanSchema.parse({ main: { mode: 'events' }, preRollMs: 4000, postRollMs: 3000 });
  const recording = openCameraRecording({ camera, plan, clock, emit: () => undefined });
  const recorder = openRecorder({ camera, stream: 'main', volume, clock, log, emit: () => undefined });
  const gate = recording.openGate('main', recorder);
  stream.subscribe(gate, { fromKeyFrame: 'next', holds: true });
  const depacketizer = openH264Depacketizer({
    track: 0,
    clockRateHz: 90_000,
    parameterSets: [sps, pps],
    sink: {
      onTrack: (_, track) => stream.onTracks([track]),
      onFrame: (frame) => stream.onFrame(frame, clock.monotonicMs()),
      onDamage: () => assert.fail('damage'),
    },
  });
  const sent: Uint8Array[] = [];
  const scratch = new Uint8Array(2000);
  for (let number = 0; number < 3000; number++) {
    const key = number % 25 === 0;
    // Now and then a picture larger than a chunk of the ring.
    const unit = slice(number, key, key ? 60_000 + (number % 3) * 9000 : 3000 + ((number * 977) % 9000));
    sent.push(unit);
    const payloads = packetizeH264([{ type: unit[0]! & 31, parts: [unit], sizeBytes: unit.length }], 1400);
    payloads.forEach((payload, index) => {
      scratch.set(payload);
      depacketizer.push(scratch.subarray(0, payload.length), number * 3600, index === payloads.length - 1);
      scratch.fill(0xee);
    });
    if (number % 500 === 260) recording.trigger({ kind: 'motion' });
    await clock.advance(40);
  }
  recording.close();
  const closed = gate.close();
  await clock.advance(30_000);
  await closed;

  let pictures = 0;
  let clips = 0;
  for (const [, bytes] of [...volume.files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const readAt = (offset: number, length: number): Uint8Array => bytes.subarray(offset, offset + length);
    const samples = scanFragments({ sizeBytes: bytes.length, readAt }).fragments.flatMap((fragment) =>
      splitFragment(readAt(fragment.offsetBytes, fragment.sizeBytes)),
    );
    clips++;
    const key = samples[0]!.data;
    let number = sent.findIndex((unit) => endsWith(key, unit));
    assert.ok(number >= 0, 'a key frame that was sent');
    for (const { data } of samples) assert.ok(endsWith(data, sent[number++]!), `picture ${number - 1}`);
    pictures += samples.length;
  }
  assert.ok(clips >= 6);
  assert.ok(pictures >= 6 * 7 * 25);
});

/** The slice is the last NAL unit of its sample. */
const endsWith = (sample: Uint8Array, unit: Uint8Array): boolean =>
  sample.length >= unit.length && Buffer.compare(sample.subarray(sample.length - unit.length), unit) === 0;
