import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRange } from './byte-range.ts';

test('a range is read as RFC 9110 has it; what is none gives the whole', () => {
  const of = (header: string | undefined): unknown => parseRange(header, 100);
  assert.deepEqual(of('bytes=0-9'), { fromBytes: 0, toBytes: 10 });
  assert.deepEqual(of('bytes=90-'), { fromBytes: 90, toBytes: 100 });
  assert.deepEqual(of('bytes=90-900'), { fromBytes: 90, toBytes: 100 });
  assert.deepEqual(of('bytes=-30'), { fromBytes: 70, toBytes: 100 });
  assert.deepEqual(of('bytes=-300'), { fromBytes: 0, toBytes: 100 });
  for (const none of ['bytes=100-', 'bytes=-0']) assert.equal(of(none), 'none');
  for (const all of [undefined, '', 'bytes=-', 'bytes=5-3', 'bytes=0-1,5-6', 'lines=0-1', 'bytes=1e3-']) {
    assert.equal(of(all), undefined, all);
  }
});
