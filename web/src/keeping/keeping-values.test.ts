import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patchCameraSchema, type Camera } from '@porchlight/contract/camera';
import type { AgentStorage } from '@porchlight/contract/storage';
import { findLoss, findRefused, hasNonsense, toFields, toLimits, toOutlookDays, toPatch } from './keeping-values.ts';

const dayMs = 86_400_000;
const nowMs = Date.UTC(2026, 10, 30);
const perDay = 20e9;
const camera = (id: string, more: Partial<Camera> = {}): Camera =>
  ({
    id,
    agentId: 'box',
    kept: { continuousBytes: 100e9, eventBytes: 10e9, heldBytes: 1e9, bytesPerDay: perDay, days: 20 },
    oldestMs: nowMs - 10 * dayMs,
    ...more,
  }) as Camera;
const storage = {
  agentId: 'box',
  online: true,
  config: { volumes: [{ id: 'main' }], budget: { continuous: { days: 30 }, thinAfterDays: 7 } },
  status: { volumes: [{ id: 'main', capBytes: 400e9, usedBytes: 200e9, freeBytes: 700e9, totalBytes: 1000e9 }] },
  cameras: [],
} as unknown as AgentStorage;
const house = storage.config.budget;

test('limits become fields and fields the same limits', () => {
  const limits = {
    budget: { continuous: { days: 14, bytes: 250e9 }, event: { days: 90 }, held: { bytes: 5e9 }, thinAfterDays: 3 },
    capBytes: 300e9,
  };
  const fields = toFields(limits, house);
  assert.deepEqual([fields.own, fields.continuousGb, fields.eventGb, fields.allGb], [true, 250, '', 300]);
  assert.deepEqual(toLimits(fields), limits);
  assert.deepEqual(toPatch(fields), limits);
});

test('a camera without limits of its own begins with those of every camera, and says so to nobody', () => {
  const fields = toFields({}, house);
  assert.deepEqual([fields.own, fields.continuousDays, fields.thinDays], [false, 30, 7]);
  assert.deepEqual(toPatch(fields), { budget: null, capBytes: null });
  assert.deepEqual(toLimits({ ...fields, own: true }), { budget: house });
});

test('limits of its own that say nothing keep as much as fits', () => {
  const fields = { ...toFields({}, {}), own: true };
  assert.deepEqual(toPatch(fields), { budget: {}, capBytes: null });
});

test('what is no number is noticed, in fields that count', () => {
  const fields = toFields({ budget: {} }, house);
  assert.equal(hasNonsense(fields), false);
  for (const wrong of ['-', '.', 0, -1]) assert.equal(hasNonsense({ ...fields, heldGb: wrong }), true, String(wrong));
  assert.equal(hasNonsense({ ...fields, own: false, heldGb: '-' }), false);
});

test('the outlook is what the whole allows, or less by the limits', () => {
  const cameras = [camera('a'), camera('b'), camera('elsewhere', { agentId: 'other' } as Partial<Camera>)];
  const of = (limits: Parameters<typeof toOutlookDays>[1]) => toOutlookDays('a', limits, { storage, cameras });
  assert.ok(Math.abs(of({})! - 10) < 0.1, 'two cameras share 400 GB');
  assert.ok(Math.abs(of({ budget: { continuous: { days: 2 } } })! - 2) < 0.01);
  assert.ok(Math.abs(of({ capBytes: 60e9 })! - 3) < 0.01);
  assert.ok(Math.abs(of({ budget: { continuous: { days: 300 } } })! - 10) < 0.1, 'no limit makes more room');
});

test('nothing is promised while nothing is known', () => {
  const { status: _status, ...silent } = storage;
  assert.equal(toOutlookDays('a', {}, { storage: silent, cameras: [camera('a')] }), undefined);
  const fresh = camera('a', { kept: { continuousBytes: 0, eventBytes: 0, heldBytes: 0 } });
  assert.equal(toOutlookDays('a', {}, { storage, cameras: [fresh] }), undefined);
});

test('what would be deleted is told: bytes above a limit, and what is too old', () => {
  const loss = (limits: Parameters<typeof findLoss>[1]) => findLoss(camera('a'), limits, nowMs);
  assert.equal(loss({}), undefined);
  assert.equal(loss({ budget: { continuous: { bytes: 100e9, days: 11 } }, capBytes: 111e9 }), undefined);
  assert.deepEqual(loss({ budget: { continuous: { bytes: 90e9 }, event: { bytes: 5e9 } } })?.bytes, 15e9);
  assert.deepEqual(loss({ budget: {}, capBytes: 80e9 }), { bytes: 31e9, beforeMs: undefined });
  assert.equal(loss({ capBytes: 0.5e9 })?.bytes, 110e9, 'what is held stays');
  const old = loss({ budget: { continuous: { days: 4 } } });
  assert.deepEqual(old, { bytes: undefined, beforeMs: nowMs - 4 * dayMs });
});

test('every limit that the house can refuse is a field of the form', () => {
  const bad = { days: 0.001, bytes: 1 };
  const budget = { continuous: bad, event: bad, held: { bytes: 1 }, thinAfterDays: 0.0001 };
  const { issues } = patchCameraSchema.safeParse({ budget, capBytes: 1 }).error!;
  const found = issues.map(({ path, message }) => findRefused(`${path.join('.')}: ${message}`));
  const { own: _own, ...fields } = toFields({}, {});
  assert.deepEqual(found.map((one) => one?.field).toSorted(), Object.keys(fields).toSorted());
  assert.deepEqual(
    found.map((one) => one?.reason),
    issues.map(({ message }) => message),
  );
  assert.equal(findRefused('The house is away: later'), undefined);
});
