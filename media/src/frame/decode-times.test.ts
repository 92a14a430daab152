import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { openDecodeTimes } from './index.ts';

const clockRateHz = 90_000;
const frameTicks = 3600;

function decodeTimes(order: readonly number[], reorderDepth: number | undefined, step = frameTicks) {
  const times = openDecodeTimes({ clockRateHz, reorderDepth });
  return order.map((place) => times.next(place * step));
}

describe('decode times', () => {
  it('are the presentation times where nothing is reordered', () => {
    const times = decodeTimes([0, 1, 2, 3], 0);
    assert.deepEqual(
      times.map((time) => time.dtsTicks),
      [0, 3600, 7200, 10800],
    );
    assert.ok(times.every((time) => !time.raised && time.reorderDepth === 0));
  });

  it('are the (i−N)th smallest presentation time, the first N extrapolated back', () => {
    assert.deepEqual(
      decodeTimes([0, 4, 2, 1, 3, 8, 6, 5, 7], 2).map((time) => time.dtsTicks / frameTicks),
      [-2, -1, 0, 1, 2, 3, 4, 5, 6],
    );
  });

  it('rise on the first picture out of order where no depth is stated, once for each step deeper', () => {
    const times = decodeTimes([0, 4, 2, 1, 3, 8, 6, 5, 7], undefined);
    assert.deepEqual(
      times.map((time) => time.raised),
      [false, false, true, true, false, false, false, false, false],
    );
    assert.deepEqual(
      times.map((time) => time.reorderDepth),
      [0, 0, 1, 2, 2, 2, 2, 2, 2],
    );
    assert.deepEqual(
      times.slice(3).map((time) => time.dtsTicks / frameTicks),
      [1, 2, 3, 4, 5, 6],
    );
  });

  it('stay strictly increasing for leading pictures at an open-GOP start and recover behind them', () => {
    const times = decodeTimes([3, 1, 0, 2, 7, 5, 4, 6, 11], 2).map((time) => time.dtsTicks);
    times.slice(1).forEach((dts, index) => assert.ok(dts > times[index]!));
    assert.deepEqual(
      times.slice(4).map((dts) => dts / frameTicks),
      [2, 3, 4, 5, 6],
    );
  });

  it('give pictures with the same time one tick more', () => {
    assert.deepEqual(
      decodeTimes([0, 0, 0, 1], 0).map((time) => time.dtsTicks),
      [0, 1, 2, 3600],
    );
  });

  it('start over where the clock steps back', () => {
    const times = decodeTimes([...Array.from({ length: 40 }, (_, index) => 1000 + index), 0, 1, 2], 0);
    assert.ok(times[40]!.raised);
    assert.deepEqual(
      times.slice(40).map((time) => time.dtsTicks / frameTicks),
      [0, 1, 2],
    );
    assert.equal(times[42]!.reorderDepth, 0);
  });

  it('increase strictly and never lie after the picture, for any order within the stated depth', () => {
    const reordered = fc
      .record({
        depth: fc.integer({ min: 0, max: 6 }),
        gaps: fc.array(fc.integer({ min: 1, max: 9000 }), { maxLength: 80 }),
      })
      .chain(({ depth, gaps }) =>
        fc.tuple(fc.constant(depth), fc.constant(gaps), fc.array(fc.nat(), { minLength: 80, maxLength: 80 })),
      );
    fc.assert(
      fc.property(reordered, ([depth, gaps, choices]) => {
        // Decode order out of output order: one of the next depth + 1 pictures each time, none held back for longer.
        let tick = 0;
        const output = gaps.map((gap) => (tick += gap));
        const decode = [0];
        const waiting = [...output];
        while (waiting.length > 0) {
          const ahead = decode.filter((pts) => pts > waiting[0]!).length;
          const pick = ahead >= depth ? 0 : choices[decode.length % choices.length]! % (depth + 1 - ahead);
          decode.push(...waiting.splice(Math.min(pick, waiting.length - 1), 1));
        }
        const times = openDecodeTimes({ clockRateHz, reorderDepth: depth });
        let last = Number.NEGATIVE_INFINITY;
        for (const pts of decode) {
          const { dtsTicks, raised } = times.next(pts);
          assert.ok(!raised && dtsTicks <= pts && dtsTicks > last, `dts ${dtsTicks} of pts ${pts} after ${last}`);
          last = dtsTicks;
        }
      }),
    );
  });

  it('increase strictly between raises for any times at all', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1e9, max: 1e12 })),
        fc.option(fc.integer({ min: 0, max: 16 }), { nil: undefined }),
        (ticks, depth) => {
          const times = openDecodeTimes({ clockRateHz, reorderDepth: depth });
          let last = Number.NEGATIVE_INFINITY;
          for (const pts of ticks) {
            const next = times.next(pts);
            assert.ok(next.raised || next.dtsTicks > last);
            if (next.raised) assert.ok(next.dtsTicks <= pts);
            last = next.dtsTicks;
          }
        },
      ),
    );
  });
});
