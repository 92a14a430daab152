/**
 * A day of one camera in minutes: RTP packets through depacketizer, stream, recorder and archive, on a fake clock and a volume in memory.
 * Live heap after a forced collection at hours 2 and 24 is within 2 MB. node bench/day.ts [--hours 24] [--fps 25] [--kbit 400] [--json FILE]
 */
import { parseArgs } from 'node:util';
import { openArchive, type ArchiveEvent } from '../agent/src/archive/index.ts';
import { openRecorder } from '../agent/src/recorder/index.ts';
import { settleHeap } from '../agent/src/shard/index.ts';
import { openStream } from '../agent/src/stream/index.ts';
import { openFakeVolume } from '../agent/src/volume/index.ts';
import { openFakeClock } from '../base/src/clock/index.ts';
import { openLog } from '../base/src/log/index.ts';
import { openTempFolder } from '../base/src/testing/index.ts';
import { cameraIdSchema } from '../contract/src/ids/index.ts';
import { parseBase64 } from '../media/src/bytes/index.ts';
import type { NalUnit } from '../media/src/frame/index.ts';
import { openH264Depacketizer, packetizeH264, toH264Track } from '../media/src/h264/index.ts';
import { openRtpReceiver, writeRtpPacket } from '../media/src/rtp/index.ts';
import { run } from './page.ts';

const { values } = parseArgs({
  options: {
    hours: { type: 'string', default: '24' },
    fps: { type: 'string', default: '25' },
    kbit: { type: 'string', default: '400' },
    json: { type: 'string' },
  },
});
const [hours, fps, kbit] = [Number(values.hours), Number(values.fps), Number(values.kbit)];
const earlyHours = 2;
const barBytes = 2e6;
const hourMs = 3_600_000;
const rateHz = 90_000;
const gopLength = 2 * fps;
const maxPayloadBytes = 1400;
/** Footage kept: retention deletes all day. */
const capBytes = 60_000_000;
/** Pictures arrive a few at a time, as reads from a socket bring them. */
const burst = 5;

const sets = ['Z0LAHtkDxWhAAAADAEAAAAwDxYuS', 'aMuMsg=='].map((text) => parseBase64(text));
const toUnit = (bytes: Uint8Array): NalUnit => {
  return { type: bytes[0]! & 0x1f, parts: [bytes], sizeBytes: bytes.length };
};
const pictureBytes = Math.max(16, Math.round((kbit * 125) / fps));
const slice = (start: readonly number[], sizeBytes: number): NalUnit => {
  const bytes = new Uint8Array(sizeBytes).fill(0x5a);
  bytes.set(start);
  return toUnit(bytes);
};
const keyPayloads = packetizeH264(
  [...sets.map(toUnit), slice([0x65, 0x88, 0x84, 0x00, 0x33], pictureBytes * 4)],
  maxPayloadBytes,
);
const otherPayloads = packetizeH264([slice([0x41, 0x9a, 0x24, 0x6c, 0x41], pictureBytes)], maxPayloadBytes);

type Point = { readonly hour: number; readonly heapBytes: number; readonly buffersBytes: number };

await run(
  async (onEnd) => {
    const folder = openTempFolder();
    onEnd(() => folder[Symbol.dispose]());
    const clock = openFakeClock(Date.UTC(2026, 9, 24, 12));
    const log = openLog({ name: 'day', level: 'warn' });
    const volume = openFakeVolume();
    const camera = cameraIdSchema.parse('yard');
    const archive = await openArchive({ folder: folder.path, volume, clock, log, bootId: 'boot' });
    archive.setCamera(camera, { addedMs: clock.nowMs(), capBytes });
    let [segments, frames, gaps] = [0, 0, 0];
    const emit = (event: ArchiveEvent): void => {
      archive.note(event);
      if (event.kind === 'gap') gaps++;
      if (event.kind !== 'segment-closed') return;
      segments++;
      frames += event.frames;
    };
    const stats = { transport: 'tcp', packetsReceived: 0, packetsLost: 0, bytesReceived: 0, reconnects: 0 } as const;
    const stream = openStream({ name: 'main', clock, log, sourceStats: () => stats });
    const recorder = openRecorder({
      ...{ camera, stream: 'main', volume, clock, log, emit, onWritten: stream.noteWritten.bind(stream) },
    });
    stream.subscribe(recorder, { fromKeyFrame: 'next', holds: true });
    stream.onState({ status: 'online' });
    stream.onTracks([toH264Track({ parameterSets: sets, clockRateHz: rateHz })]);
    const depacketizer = openH264Depacketizer({
      ...{ track: 0, clockRateHz: rateHz, parameterSets: sets },
      sink: {
        onTrack: (_track, description) => stream.onTracks([description]),
        onFrame: (frame) => stream.onFrame(frame, clock.monotonicMs()),
        onDamage: (damage) => stream.onDamage(damage),
      },
    });
    const receiver = openRtpReceiver({
      ...{ clockRateHz: rateHz, reorder: 'none', payloadTypes: [96] },
      onPayload: (bytes, ticks, marker) => depacketizer.push(bytes, ticks, marker),
      onLost: (packets) => depacketizer.lost(packets),
    });

    let [pictures, sequence] = [0, 65_000];
    const send = (): void => {
      const payloads = pictures % gopLength === 0 ? keyPayloads : otherPayloads;
      // The 32 bits of a timestamp wrap in the first hour, and again 13 hours later.
      const timestamp = (4_200_000_000 + Math.round((pictures * rateHz) / fps)) % 2 ** 32;
      payloads.forEach((payload, index) => {
        const marker = index === payloads.length - 1;
        const fields = { payloadType: 96, marker, sequence: sequence++ & 0xffff, timestamp, ssrc: 7 };
        receiver.push(writeRtpPacket(fields, payload), clock.monotonicMs());
      });
      const ntpMs = clock.nowMs();
      if (pictures % (5 * fps) === 0)
        stream.onSenderReport({ track: 0, ntpMs, rtpTicks: receiver.toTicks(timestamp)! });
      pictures++;
    };
    const points: Point[] = [];
    const startedMs = performance.now();
    for (let hour = 1; hour <= hours; hour++) {
      while (clock.monotonicMs() < hour * hourMs) {
        for (let count = 0; count < burst; count++) send();
        await clock.advance((burst * 1000) / fps);
      }
      volume.syncs.length = 0;
      settleHeap();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      points.push({ hour, heapBytes: heapUsed, buffersBytes: arrayBuffers - volume.usedBytes });
      console.error(JSON.stringify(points.at(-1)));
    }
    await recorder.close();
    const spans = archive.findSpans(camera, clock.nowMs() - 25 * hourMs, clock.nowMs()).spans.length;
    const used = archive.usedBytes(camera);
    stream.close();
    await archive.close();
    const early = points.find(({ hour }) => hour === Math.min(earlyHours, hours))!;
    const grownBytes = points.at(-1)!.heapBytes - early.heapBytes;
    const missed = [
      ...(grownBytes > barBytes
        ? [`live heap grew by ${grownBytes} bytes from hour ${early.hour} to hour ${hours}`]
        : []),
      // The last picture of all waits for its successor.
      ...(frames < pictures - 1 ? [`${pictures - frames} of ${pictures} pictures are in no file`] : []),
      ...(used > capBytes ? [`${used} bytes are kept of ${capBytes}`] : []),
    ];
    const seconds = Math.round((performance.now() - startedMs) / 1000);
    const line = { hours, fps, kbit, seconds, pictures, segments, gaps, spans, grownBytes, barBytes };
    return { line: { ...line, heapBytes: points.map(({ heapBytes }) => heapBytes) }, missed };
  },
  { json: values.json },
);
