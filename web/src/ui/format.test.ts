import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toDuration, toPlainText, toSize, toSpanText } from './format.ts';

test('a refusal loses the name that only programs know, and nothing else', () => {
  assert.equal(toPlainText('stallMs: A stall limit has at least 2 seconds'), 'A stall limit has at least 2 seconds');
  assert.equal(toPlainText('recording.main: Monday ends before it starts'), 'Monday ends before it starts');
  for (const text of ['Nothing answers at 10.0.0.1:554', 'The camera: it is away', 'rtsp://cam: no'])
    assert.equal(toPlainText(text), text);
});

test('a span is told with its day, and with both where it ends on another', () => {
  const at = (day: number, hour: number) => new Date(2020, 10, day, hour).getTime();
  assert.match(toSpanText(at(20, 14), at(20, 15)), /^(?=.*2020)(?!.*2020.*2020).*14:00:00 – 15:00:00$/);
  assert.match(toSpanText(at(20, 14), at(21, 15)), /2020, 14:00:00 – .*2020, 15:00:00$/);
  const thisYear = new Date(new Date().getFullYear(), 0, 5, 12).getTime();
  assert.doesNotMatch(toSpanText(thisYear, thisYear + 1000), new RegExp(String(new Date().getFullYear())));
});

test('sizes and durations are told as people say them', () => {
  assert.deepEqual([999, 1000, 999_499, 3.44e9].map(toSize), ['999 B', '1.0 kB', '999 kB', '3.4 GB']);
  assert.deepEqual([12_400, 200_000, 3_900_000].map(toDuration), ['12 s', '3 min 20 s', '1 h 05 min']);
});
