import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFakeVolume } from '#volume';
import { openRecorder } from '#recorder';
import { openStream, type TimedFrame } from '#stream';
import { openFakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import type { CameraId } from '@porchlight/contract/ids';
import { concatBytes } from '@porchlight/media/bytes';
import { scanFragments, splitFragment } from '@porchlight/media/fmp4';
import { openH264Depacketizer, packetizeH264 } from '@porchlight/media/h264';

const sps = Uint8Array.from(Buffer.from('Z0LAHtkAoD2wFqDAwMg=', 'base64'));
const pps = Uint8Array.from(Buffer.from('aMuDyyA=', 'base64'));

/** A slice's NAL unit of this size whose every byte tells its number; the header fields are those of one-slice pictures. */
function slice(number: number, key: boolean, sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes).fill(1 + (number % 251));
  bytes.set(key ? [0x65, 0x88, 0x84, 0x3f] : [0x41, 0x9a, 0x20 + ((number % 8) << 1), 0x3f]);
  return bytes;
}

test('memory is used again only after the bytes in it are on disk, and never while a viewer or a still may look at them', async () => {
  const [clock, log, volume] = [openFakeClock(), openFakeLog(), openFakeVolume()];
  const stats = { transport: 'tcp' as const, packetsReceived: 0, packetsLost: 0, bytesReceived: 0, reconnects: 0 };
  const stream = openStream({ name: 'main', clock, log, sourceStats: () => stats });
  const recorder = openRecorder({
    camera: 'door' as CameraId,
    stream: 'main',
    volume,
    clock,
    log,
    emit: () => undefined,
    onWritten: stream.noteWritten.bind(stream),
  });
  stream.subscribe(recorder, { fromKeyFrame: 'next', holds: true });

  const seen: { timed: TimedFrame; number: number }[] = [];
  let number = 0;
  const sink = {
    onTrack: (_: number, track: Parameters<typeof stream.onTracks>[0][number]) => stream.onTracks([track]),
    onFrame: (frame: Parameters<typeof stream.onFrame>[0]) => stream.onFrame(frame, clock.monotonicMs()),
    onDamage: () => assert.fail('damage'),
  };
  const depacketizer = openH264Depacketizer({ track: 0, clockRateHz: 90_000, sink, parameterSets: [sps, pps] });
  const sent: Uint8Array[] = [];
  let leave: (() => void) | undefined;
  let still: TimedFrame | undefined;
  const scratch = new Uint8Array(2000);
  for (; number < 1500; number++) {
    const key = number % 25 === 0;
    const unit = slice(number, key, key ? 60_000 : 3000 + ((number * 977) % 9000));
    sent.push(unit);
    const payloads = packetizeH264([{ type: unit[0]! & 31, parts: [unit], sizeBytes: unit.length }], 1400);
    payloads.forEach((payload, index) => {
      scratch.set(payload);
      depacketizer.push(scratch.subarray(0, payload.length), number * 3600, index === payloads.length - 1);
      scratch.fill(0xee);
    });
    if (number === 500) {
      const reader = { onTracks: () => undefined, onEnd: () => undefined };
      const onFrame = (timed: TimedFrame): void =>
        void seen.push({ timed, number: Math.round(timed.frame.ptsTicks / 3600) });
      leave = stream.subscribe({ ...reader, onFrame }, { fromKeyFrame: 'cached' });
    }
    if (number === 700) leave!();
    if (number === 1000) still = stream.newestKey;
    await clock.advance(40);
  }
  depacketizer.flush();
  const stillBytes = still!.frame.kind === 'video' ? still!.frame.nalUnits.at(-1)!.parts : [];
  stream.close();
  const closed = recorder.close();
  await clock.advance(30_000);
  await closed;

  const recorded: Uint8Array[] = [];
  for (const [, bytes] of [...volume.files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const readAt = (offset: number, length: number): Uint8Array => bytes.subarray(offset, offset + length);
    for (const fragment of scanFragments({ sizeBytes: bytes.length, readAt }).fragments) {
      for (const sample of splitFragment(readAt(fragment.offsetBytes, fragment.sizeBytes))) recorded.push(sample.data);
    }
  }
  assert.equal(recorded.length, sent.length);
  recorded.forEach((sample, index) =>
    assert.ok(Buffer.from(sample).subarray(4).equals(sent[index]!), `picture ${index}`),
  );
  assert.ok(seen.length > 190);
  const first = seen[0]!.timed.frame.ptsTicks;
  for (const { timed } of seen) {
    const at = 500 - (500 % 25) + Math.round((timed.frame.ptsTicks - first) / 3600);
    const unit = timed.frame.kind === 'video' ? concatBytes(timed.frame.nalUnits.at(-1)!.parts) : new Uint8Array(0);
    assert.ok(Buffer.from(unit).equals(sent[at]!), `viewer's picture ${at}`);
  }
  assert.ok(Buffer.from(concatBytes(stillBytes)).equals(sent[1000]!));
});
