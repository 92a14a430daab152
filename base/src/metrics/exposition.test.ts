import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseExposition, writeExposition, type Metric } from './index.ts';

const counter = (samples: Metric['samples']): Metric => {
  return { name: 'x_total', type: 'counter', help: 'Things', labels: [], samples };
};

test('property: any labels and values are read back as they were written', () => {
  const label = fc.string({ unit: 'grapheme', maxLength: 20 });
  const value = fc.oneof(fc.double({ min: 0, noNaN: true }), fc.nat(), fc.constant(Infinity));
  const samples = fc.uniqueArray(fc.record({ a: label, b: label, value }), {
    selector: ({ a, b }) => `${a}\u0000${b}`,
  });
  fc.assert(
    fc.property(samples, label, (list, help) => {
      const given = list.map(({ a, b, value: figure }) => ({ labels: { a, b }, value: figure }));
      const text = writeExposition([{ ...counter(given), help: `Help ${help.replaceAll('\n', ' ')}.` }]);
      const read = parseExposition(text).get('x_total')?.samples ?? [];
      assert.deepEqual(
        read.map(({ labels, value: figure }) => [{ ...labels }, figure]),
        given.map(({ labels, value: figure }) => [labels, figure === 0 ? 0 : figure]),
      );
    }),
  );
});

test('a histogram is cumulative and ends with everything', () => {
  const samples = [{ labels: { shard: '0' }, bounds: [1, 5], counts: [2, 0, 3], sum: 20 }];
  const text = writeExposition([{ name: 'y_seconds', type: 'histogram', help: 'Y', labels: ['shard'], samples }]);
  assert.deepEqual(text.split('\n').slice(2, -1), [
    'y_seconds_bucket{shard="0",le="1"} 2',
    'y_seconds_bucket{shard="0",le="5"} 2',
    'y_seconds_bucket{shard="0",le="+Inf"} 5',
    'y_seconds_sum{shard="0"} 20',
    'y_seconds_count{shard="0"} 5',
  ]);
  assert.equal(parseExposition(text).get('y_seconds')?.samples.length, 5);
});

test('the parser refuses what a scraper would', () => {
  const head = '# HELP x_total X\n# TYPE x_total counter\n';
  for (const [text, why] of [
    ['x_total 1\n', /Neither HELP/],
    [`${head}x_total 1`, /does not end/],
    [`${head}x_total 1\nx_total 2\n`, /twice/],
    [`${head}x_total{a="1",a="2"} 1\n`, /label comes twice/],
    [`${head}x_total{a="1} 1\n`, /Not a list of labels/],
    [`${head}x_total -1\n`, /not negative/],
    [`${head}x_total one\n`, /Not a figure/],
    [`${head}y 1\n`, /another metric/],
    [`${head}x_total 1\n${head}`, /metric comes twice/],
    ['# HELP x X\n# TYPE x counter\n', /ends in _total/],
    ['# HELP x X\n# TYPE x histogram\nx_bucket{le="1"} 2\nx_sum 1\nx_count 2\n', /grow up to/],
    ['# HELP x X\n# TYPE x histogram\nx_bucket{le="+Inf"} 2\nx_sum 1\nx_count 3\n', /do not agree/],
  ] as const) {
    assert.throws(() => parseExposition(text), why, text);
  }
});

test('a metric without figures is left out, a name that is none is refused', () => {
  assert.equal(writeExposition([counter([])]), '');
  assert.throws(() => writeExposition([{ ...counter([{ value: 1 }]), name: 'a b' }]), /name of a metric/);
  assert.throws(() => writeExposition([counter([{ labels: { 'a-b': 'x' }, value: 1 }])]), /name of a label/);
});
