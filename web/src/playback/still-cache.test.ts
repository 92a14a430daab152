import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openStillCache, toShownSize } from './still-cache.ts';

function openStill(widthPx: number, heightPx: number) {
  const still = { widthPx, heightPx, closed: 0, image: { close: () => void still.closed++ } };
  return still;
}

test('the cache holds no more bytes than it may, and closes what goes', () => {
  const cache = openStillCache<ReturnType<typeof openStill>>(10_000_000);
  const stills = Array.from({ length: 80 }, () => openStill(960, 540));
  for (const [step, still] of stills.entries()) {
    cache.keep(step, still);
    assert.ok(cache.sizeBytes <= 10_000_000, `${cache.sizeBytes} bytes`);
  }
  assert.deepEqual(
    stills.map(({ closed }) => closed),
    stills.map((_, step) => (step < 76 ? 1 : 0)),
  );
});

test('what was looked at stays longer than what was not', () => {
  const cache = openStillCache<ReturnType<typeof openStill>>(2 * 400);
  cache.keep(1, openStill(10, 10));
  cache.keep(2, openStill(10, 10));
  assert.ok(cache.get(1));
  cache.keep(3, openStill(10, 10));
  assert.deepEqual([cache.has(1), cache.has(2), cache.has(3)], [true, false, true]);
});

test('a picture larger than the whole cache stays until the next one', () => {
  const cache = openStillCache<ReturnType<typeof openStill>>(100);
  const large = openStill(100, 100);
  cache.keep(1, large);
  assert.ok(cache.has(1));
  cache.keep(2, openStill(1, 1));
  assert.deepEqual([cache.has(1), large.closed, cache.sizeBytes], [false, 1, 4]);
});

test('a step kept twice is counted once, and clearing closes all', () => {
  const cache = openStillCache<ReturnType<typeof openStill>>(10_000);
  const [first, second] = [openStill(10, 10), openStill(10, 10)];
  cache.keep(1, first);
  cache.keep(1, second);
  assert.deepEqual([first.closed, second.closed, cache.sizeBytes], [1, 0, 400]);
  cache.clear();
  assert.deepEqual([second.closed, cache.sizeBytes, cache.has(1)], [1, 0, false]);
});

test('a picture is made as large as it is shown and never larger than it is', () => {
  const picture = { widthPx: 3840, heightPx: 2160 };
  assert.deepEqual(toShownSize(picture, { widthPx: 1000, heightPx: 900 }), { widthPx: 1000, heightPx: 563 });
  assert.deepEqual(toShownSize(picture, { widthPx: 5000, heightPx: 540 }), { widthPx: 960, heightPx: 540 });
  assert.deepEqual(toShownSize(picture, { widthPx: 9000, heightPx: 9000 }), picture);
  assert.deepEqual(toShownSize(picture, { widthPx: 0, heightPx: 0 }), picture);
});
