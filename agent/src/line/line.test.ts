import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ArchiveEvent } from '#archive';
import { openFakeVolume } from '#volume';
import { openFakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { cameraIdSchema } from '@porchlight/contract/ids';
import { recordingPlanSchema } from '@porchlight/contract/recording-plan';
import { openLine, type Line, type LineConfig } from './index.ts';

function open(config: Partial<LineConfig>): { line: Line; events: ArchiveEvent[] } {
  const events: ArchiveEvent[] = [];
  const line = openLine(
    {
      id: cameraIdSchema.parse('yard'),
      sourceKind: 'file',
      url: '/nowhere/at-all.mp4',
      transport: 'auto',
      paused: false,
      ...config,
    },
    {
      clock: openFakeClock(),
      log: openFakeLog(),
      volume: openFakeVolume(),
      demoFolder: '/nowhere',
      emit: (event) => void events.push(event),
      onChange: () => undefined,
    },
  );
  return { line, events };
}

test('another plan takes effect on the streams that are open, main and sub each by its own', async () => {
  const { line } = open({ subUrl: '/nowhere/sub.mp4' });
  const [main, sub] = [line.findStream('main'), line.findStream('sub')];
  line.setPlan(recordingPlanSchema.parse({ main: { mode: 'events' }, sub: { mode: 'off' } }));
  assert.equal(line.findStream('main'), main);
  assert.equal(line.findStream('sub'), sub);
  assert.equal(line.config.recording?.main.mode, 'events');
  line.setPlan(undefined);
  assert.equal(line.config.recording, undefined);
  await line.close();
});

test('a trigger while the camera is away is noted as an event and told', async () => {
  const { line, events } = open({ recording: recordingPlanSchema.parse({ main: { mode: 'events' } }) });
  const told = line.trigger({ kind: 'motion' });
  assert.deepEqual([told.recording, told.reason], [false, 'camera-offline']);
  assert.ok(events.some((event) => event.kind === 'event' && event.id === told.event.id));
  await line.close();
  const last = events.findLast((event) => event.kind === 'event');
  assert.equal(last?.kind === 'event' && last.toMs, told.event.atMs, 'it ends with the line');
});

test('a paused camera and one whose plan says never take no triggers', async () => {
  for (const config of [{ paused: true }, { recording: recordingPlanSchema.parse({ main: { mode: 'off' } }) }]) {
    const { line } = open(config);
    assert.throws(() => line.trigger({ kind: 'motion' }), { kind: 'conflict' });
    assert.throws(() => line.endTrigger('e1'), { kind: 'not-found' });
    await line.close();
  }
});
