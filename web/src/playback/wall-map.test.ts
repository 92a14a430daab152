import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openWallMap } from './wall-map.ts';

const wallMs = 1_790_000_000_000;
const map = openWallMap([
  { startSeconds: 0, durationSeconds: 2, wallMs },
  { startSeconds: 2, durationSeconds: 2.04, wallMs: wallMs + 2000 },
  { startSeconds: 4.04, durationSeconds: 2, wallMs: wallMs + 60_000 },
]);

test('inside a part time runs evenly', () => {
  assert.equal(map.toWallMs(3), wallMs + 3000);
  assert.equal(map.toMediaSeconds(wallMs + 3000), 3);
});

test('a hole is jumped over: media time goes on, wall time jumps', () => {
  assert.equal(map.toWallMs(4.04), wallMs + 60_000);
  assert.equal(map.toMediaSeconds(wallMs + 30_000), 4.04);
});

test('outside the playlist there is no media time, and wall time stays at the end', () => {
  assert.equal(map.toMediaSeconds(wallMs - 1), undefined);
  assert.equal(map.toMediaSeconds(wallMs + 62_001), undefined);
  assert.equal(map.toWallMs(-5), wallMs);
  assert.equal(map.toWallMs(99), wallMs + 62_000);
});

test('an empty playlist maps nothing', () => {
  const empty = openWallMap([]);
  assert.deepEqual([empty.toWallMs(0), empty.toMediaSeconds(0), empty.fromMs], [undefined, undefined, undefined]);
});

test('recorded times lead to media times and back', () => {
  const parts = fc.array(
    fc.record({ durationMs: fc.integer({ min: 100, max: 4000 }), holeMs: fc.integer({ min: 0, max: 9000 }) }),
    {
      minLength: 1,
      maxLength: 60,
    },
  );
  fc.assert(
    fc.property(parts, fc.nat(), fc.double({ min: 0, max: 0.999, noNaN: true }), (list, pick, share) => {
      let [media, wall] = [0, wallMs];
      const built = list.map(({ durationMs, holeMs }) => {
        const part = { startSeconds: media / 1000, durationSeconds: durationMs / 1000, wallMs: wall };
        media += durationMs;
        wall += durationMs + holeMs;
        return part;
      });
      const random = openWallMap(built);
      const part = built[pick % built.length];
      assert.ok(part);
      const at = part.wallMs + share * part.durationSeconds * 1000;
      const back = random.toWallMs(random.toMediaSeconds(at) ?? -1) ?? 0;
      assert.ok(Math.abs(back - at) <= 1, `${at} came back as ${back}`);
    }),
  );
});
