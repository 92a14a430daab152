import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseExposition } from '@porchlight/base/metrics';
import { alarmIdSchema } from '@porchlight/contract/alarms';
import { cameraIdSchema } from '@porchlight/contract/ids';
import type { LineReport } from '#line';
import { noWrites } from '#vitals';
import { agentMetrics, writeMetrics, type MetricsSource } from './index.ts';

const front = cameraIdSchema.parse('front');
const nowMs = 1_800_000_000_000;
const damage = { 'packets-lost': 3, malformed: 2, 'timestamp-jump': 0, oversized: 0, 'missing-parameter-sets': 1 };
const counters = { bytesReceived: 9000, packetsReceived: 100, packetsLost: 3, reconnects: 1, framesReceived: 50 };
const report: LineReport = {
  ...{ id: front, state: { status: 'online', sinceMs: 1 }, bytesReceived: 9000, reconnects: 1, damage },
  streams: [
    {
      ...{ name: 'main', codec: 'h264', codecString: 'avc1.640028', widthPx: 1920, heightPx: 1080, fps: 25 },
      ...{ bitrateBps: 2e6, bFrames: false, transport: 'tcp', recording: true, ...counters },
    },
  ],
  sources: [
    { name: 'main', status: 'online', ...counters, damage, lastKeyMs: nowMs - 1500, clockOffMs: -2000 },
    { name: 'sub', status: 'offline', ...counters, damage },
  ],
};
const source: MetricsSource = {
  ...{ nowMs, reports: [report], viewers: 2, shardRestarts: 1, usedBytes: () => 5e9 },
  coverage: () => ({ recordedMs: 900, missingMs: { network: 90_000 }, percent: 98.5 }),
  recordings: [{ cameraId: front, stream: 'main', segments: 2, fragments: 120, bytes: 7000, gaps: { dropped: 4 } }],
  writes: {
    writes: 3,
    bytes: 7000,
    sumMs: 12,
    buckets: noWrites.buckets.with(2, 2).with(-1, 1),
    troubles: { full: 5 },
  },
  volumes: [
    {
      ...{ id: 'main', folder: '/v', state: 'ok', sinceMs: 1, recording: true, chosen: true },
      ...{ freeBytes: 10, totalBytes: 20, usedBytes: 5, capBytes: 15 },
    },
  ],
  alarms: [{ id: alarmIdSchema.parse('a1'), kind: 'damaged', severity: 'warning', startMs: 1, message: 'm', fix: 'f' }],
};

test('what the agent writes is what a strict scraper reads, and every metric has the labels that its reference names', () => {
  const read = parseExposition(writeMetrics(source));
  for (const { name, type, labels } of agentMetrics) {
    const metric = read.get(name);
    assert.equal(metric?.type, type, name);
    for (const sample of metric.samples) {
      const given = Object.keys(sample.labels).filter((label) => label !== 'le');
      assert.deepEqual(given, labels, name);
    }
  }
  assert.equal(read.size, agentMetrics.length);
});

test('figures are those of the camera, the stream and the disk', () => {
  const read = parseExposition(writeMetrics(source));
  const valueOf = (name: string, labels: Record<string, string> = {}): number | undefined =>
    read.get(name)?.samples.find((sample) => Object.entries(labels).every(([key, text]) => sample.labels[key] === text))
      ?.value;
  const main = { camera: 'front', stream: 'main' };
  assert.equal(valueOf('porchlight_frames_received_total', main), 50);
  assert.equal(valueOf('porchlight_packets_lost_total', { ...main, stream: 'sub' }), 3);
  assert.equal(valueOf('porchlight_frames_damaged_total', main), 3);
  assert.equal(valueOf('porchlight_key_frame_age_seconds', main), 1.5);
  assert.equal(valueOf('porchlight_key_frame_age_seconds', { stream: 'sub' }), undefined);
  assert.equal(valueOf('porchlight_camera_clock_offset_seconds', main), -2);
  assert.equal(valueOf('porchlight_queue_drops_total', main), 4);
  assert.equal(valueOf('porchlight_write_errors_total', { reason: 'full' }), 5);
  assert.equal(valueOf('porchlight_disk_free_bytes', { volume: 'main' }), 10);
  assert.equal(valueOf('porchlight_agent_alarms_open', { severity: 'warning' }), 1);
  const histogram = read.get('porchlight_write_seconds')!.samples;
  assert.equal(histogram.find(({ labels }) => labels['le'] === '0.005')?.value, 2);
  assert.equal(histogram.find(({ labels }) => labels['le'] === '+Inf')?.value, 3);
});

test('an agent without cameras is valid too', () => {
  const none = { ...source, reports: [], recordings: [], volumes: [], alarms: [], writes: noWrites };
  assert.ok(parseExposition(writeMetrics(none)).size > 5);
});
