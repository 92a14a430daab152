import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cameraIdSchema } from '#ids';
import fc from 'fast-check';
import { forecast, toFloorBytes, toInflow, toSafeBytes, toUsableBytes } from './forecast.ts';

const id = (name: string) => cameraIdSchema.parse(name);
const day = 21.6e9; // 2 Mbit/s

test('cameras that send alike are kept for the same time, and that time fills the whole', () => {
  const { days, ofCamera } = forecast(432e9, [
    { id: id('a'), bytesPerDay: day },
    { id: id('b'), bytesPerDay: day },
  ]);
  assert.ok(Math.abs(days! - 10) < 0.01);
  assert.ok(Math.abs(ofCamera.get(id('b'))! - 10) < 0.01);
});

test('one camera that sends much leaves the others their safe share', () => {
  const { ofCamera } = forecast(100e9, [
    { id: id('loud'), bytesPerDay: 1000e9 },
    { id: id('quiet'), bytesPerDay: 1e9 },
  ]);
  assert.equal(toSafeBytes(100e9, 2), 25e9);
  assert.ok(Math.abs(ofCamera.get(id('quiet'))! - 25) < 0.1);
  assert.ok(ofCamera.get(id('loud'))! < 0.08);
});

test('a budget of its own, in bytes or days, bounds what is promised of a camera', () => {
  const { ofCamera } = forecast(1e12, [
    { id: id('bytes'), bytesPerDay: day, mostBytes: day * 3 },
    { id: id('days'), bytesPerDay: day, mostDays: 2 },
    { id: id('free'), bytesPerDay: day },
  ]);
  assert.ok(Math.abs(ofCamera.get(id('bytes'))! - 3) < 0.01);
  assert.ok(Math.abs(ofCamera.get(id('days'))! - 2) < 0.01);
  assert.ok(ofCamera.get(id('free'))! > 40);
});

test('nothing is promised of cameras that have sent nothing', () => {
  assert.deepEqual(forecast(1e12, []), { days: undefined, ofCamera: new Map() });
  assert.equal(forecast(1e12, [{ id: id('new'), bytesPerDay: 0 }]).days, undefined);
});

test('what is promised never needs more than there is, whatever cameras send', () => {
  const rates = fc.array(fc.double({ min: 1e6, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(rates, fc.double({ min: 1e9, max: 1e14, noNaN: true }), (list, capBytes) => {
      const cameras = list.map((bytesPerDay, index) => ({ id: id(`c${index}`), bytesPerDay }));
      const { ofCamera, days } = forecast(capBytes, cameras);
      const sum = cameras.reduce((total, camera) => total + ofCamera.get(camera.id)! * camera.bytesPerDay, 0);
      assert.ok(sum <= capBytes * 1.01);
      assert.equal(days, Math.min(...ofCamera.values()));
    }),
  );
});

test('the floor is 1 % of the volume, and 1 GiB of a large one', () => {
  assert.equal(toFloorBytes(1e9), 1e7);
  assert.equal(toFloorBytes(4e12), 2 ** 30);
});

test('a volume holds its cap, or what there is room for, and nothing while it is away', () => {
  const volume = { capBytes: 50e9, usedBytes: 10e9, totalBytes: 100e9 };
  assert.equal(toUsableBytes({ ...volume, freeBytes: 80e9 }), 50e9);
  assert.equal(toUsableBytes({ ...volume, freeBytes: 20e9 }), 10e9 + 20e9 - 1e9);
  assert.equal(toUsableBytes({ ...volume, usedBytes: 0, freeBytes: 0.5e9 }), 0);
  assert.equal(toUsableBytes(volume), 0);
});

test('the smallest limit of a camera counts', () => {
  const sending = { id: id('a'), bytesPerDay: day };
  const none = { ...sending, mostBytes: undefined, mostDays: undefined };
  assert.deepEqual(toInflow(sending, { budget: {} }), none);
  const budget = { continuous: { bytes: 5e9, days: 7 } };
  assert.deepEqual(toInflow(sending, { budget }), { ...sending, mostBytes: 5e9, mostDays: 7 });
  assert.deepEqual(toInflow(sending, { budget, capBytes: 3e9 }), { ...sending, mostBytes: 3e9, mostDays: 7 });
});
