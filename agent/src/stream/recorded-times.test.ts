import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RecordedTimes } from './recorded-times.ts';

test('a run begins where nothing lies, also a little before something', () => {
  const recorded = new RecordedTimes();
  recorded.add(100_000, 200_000);
  assert.equal(recorded.findFree(50_000), 50_000);
  assert.equal(recorded.findFree(90_000), 200_000, 'too shortly before to end in time');
  assert.equal(recorded.findFree(150_000), 200_000);
  assert.equal(recorded.findFree(200_000), 200_000);
});

test('a run ends before what lies after it', () => {
  const recorded = new RecordedTimes();
  recorded.add(100_000, 200_000);
  assert.equal(recorded.findLimit(50_000), 85_000);
  assert.equal(recorded.findLimit(200_000), Infinity);
});

test('whatever is taken, what is found is free, and the memory of it is bounded', () => {
  const stretch = fc.tuple(fc.nat(1e9), fc.integer({ min: 1, max: 1e7 }));
  fc.assert(
    fc.property(fc.array(stretch, { maxLength: 60 }), fc.nat(1e9), (taken, wallMs) => {
      const recorded = new RecordedTimes();
      for (const [fromMs, length] of taken) recorded.add(fromMs, fromMs + length);
      const free = recorded.findFree(wallMs);
      assert.ok(free >= wallMs);
      assert.ok(taken.every(([fromMs, length]) => free < fromMs || free >= fromMs + length));
      assert.ok(recorded.findLimit(free) > free - 1);
    }),
  );
});
