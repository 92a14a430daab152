import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storageConfigSchema, type AgentStorage } from '@porchlight/contract/storage';
import { agentIdSchema } from '@porchlight/contract/ids';
import { findMissing, toConfig, toFields, toOutlook } from './storage-values.ts';

const volume = { state: 'ok', sinceMs: 0, recording: true, usedBytes: 5, capBytes: 9, chosen: false } as const;
const fresh: AgentStorage = {
  agentId: agentIdSchema.parse('local'),
  online: true,
  config: { volumes: [{ id: 'main' }], budget: {} },
  status: { volumes: [{ ...volume, id: 'main', folder: '/data/archive' }], lostBeforeOffsite: 0, movingBytes: 0 },
  cameras: [],
};

test('the form shows where footage is kept though nobody has chosen', () => {
  const fields = toFields(fresh);
  assert.deepEqual([fields.folder, fields.amount, fields.days], ['/data/archive', 'default', '']);
  assert.deepEqual(toConfig(fresh, fields), fresh.config);
});

test('another folder becomes a place of its own, the old one keeps its name', () => {
  const config = toConfig(fresh, { ...toFields(fresh), folder: '/mnt/big', amount: 'most' });
  assert.deepEqual(config.volumes, [{ id: 'disk-2', folder: '/mnt/big', bytes: 'most' }]);
  const later: AgentStorage = { ...fresh, config };
  assert.deepEqual(toConfig(later, { ...toFields(later), folder: '/data/archive', amount: 'default' }).volumes, [
    { id: 'main' },
  ]);
});

test('a second place takes what is older, and budgets in days and thinning travel along', () => {
  const fields = { ...toFields(fresh), amount: 'some', gigabytes: 50, days: 30, thinDays: 7 } as const;
  const config = toConfig(fresh, { ...fields, secondFolder: '/mnt/nas', moveDays: 2 });
  assert.deepEqual(storageConfigSchema.parse(config), config);
  assert.deepEqual(config.volumes, [
    { id: 'main', bytes: 50e9, moveAfterDays: 2 },
    { id: 'disk-2', folder: '/mnt/nas', bytes: 'most' },
  ]);
  assert.deepEqual(config.budget, { continuous: { days: 30 }, thinAfterDays: 7 });
  assert.deepEqual(toConfig({ ...fresh, config }, toFields({ ...fresh, config })), config);
});

test('what is missing is named', () => {
  const fields = toFields(fresh);
  assert.equal(findMissing({ ...fields, folder: ' ' }), 'folder');
  assert.equal(findMissing({ ...fields, amount: 'some', gigabytes: '' }), 'gigabytes');
  assert.equal(findMissing(fields), undefined);
});

test('the outlook is of the disk that was looked at, measured where cameras send and assumed where none does', () => {
  const check = { ok: true, message: '', freeBytes: 200e9, totalBytes: 500e9, mostBytes: 450e9 };
  const fields = { ...toFields(fresh), amount: 'most' } as const;
  assert.deepEqual(toOutlook(fields, { ...check, bytesPerDay: 20e9, cameras: 2 }), {
    days: 10,
    cameras: 2,
    assumed: false,
  });
  const assumed = toOutlook({ ...fields, amount: 'some', gigabytes: 21.6 }, check)!;
  assert.deepEqual([Math.round(assumed.days * 100) / 100, assumed.cameras, assumed.assumed], [1, 1, true]);
  assert.equal(toOutlook({ ...fields, days: 3 }, { ...check, bytesPerDay: 20e9, cameras: 2 })!.days, 3);
  assert.equal(toOutlook(fields, { ok: false, message: 'no disk' }), undefined);
});
