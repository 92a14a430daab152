import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decadesAround } from './plots/line-chart.ts';
import { stepFor } from './plots/bar-chart.ts';
import { drawPictures } from './plots/pictures.ts';
import { listPlots, plotFolder, writePlots } from './write-plots.ts';

const origin = { takenAt: '2026-11-30', machine: { cores: 2, memoryGiB: 24 } };
const figure = (median: number): object => ({ median, worst: median });
const curve = {
  ...{ ...origin, benchmark: 'curve' },
  figures: {
    points: [
      { cameras: 1, cpuPercent: 1.2, pssMiB: 110 },
      { cameras: 30, cpuPercent: 4, pssMiB: 150 },
      { cameras: 1000, cpuPercent: 120, pssMiB: 1500, trouble: '7 packets lost' },
    ],
  },
};
const record = {
  ...{ ...origin, benchmark: 'record' },
  figures: {
    ...{ cameras: 50, agent: { cpuPercentPerCamera: figure(0.1), pssMiB: figure(200) } },
    peers: [{ peer: 'a <peer>', cameras: 10, cpuPercentPerCamera: figure(0.3), pssMiBPerCamera: figure(15) }],
  },
};
const draw = (results: Readonly<Record<string, unknown>>): Map<string, string> =>
  new Map(drawPictures(new Map(Object.entries(results))).map(({ name, svg }) => [name, svg]));
const numbersOf = (svg: string, name: string): number[] =>
  [...svg.matchAll(new RegExp(` ${name}="([0-9.-]+)"`, 'g'))].map((match) => Number(match[1]));

test('the figures in docs/ref are those of bench/results (node tools/write-plots.ts makes them)', () => {
  const written = writePlots();
  for (const [name, text] of written)
    assert.equal(readFileSync(join(plotFolder, name), 'utf8'), text, `docs/ref/${name} is stale`);
  for (const name of listPlots()) assert.ok(written.has(name), `docs/ref/${name} has no result any more`);
});

test('axes are labelled with their units and every point lies inside the picture', () => {
  const svg = draw({ 'curve.json': curve }).get('cost-cpu.svg') ?? '';
  for (const words of ['Cameras (number)', 'CPU (% of one core)', '0.15 % for each camera', '2026-11-30'])
    assert.ok(svg.includes(words), words);
  const [xs, ys] = [numbersOf(svg, 'cx'), numbersOf(svg, 'cy')];
  assert.equal(xs.length, 3);
  assert.ok(xs.every((x, index) => x > (xs[index - 1] ?? 0) && x <= 720));
  assert.ok(ys.every((y, index) => y < (ys[index - 1] ?? 420) && y > 0));
});

test('a figure that was not sustained is drawn hollow, and the picture says so', () => {
  const svg = draw({ 'curve.json': curve }).get('cost-memory.svg') ?? '';
  assert.equal(svg.match(/class="own hollow"/g)?.length, 1);
  assert.match(svg, /not sustained/);
  const sound = { ...curve, figures: { points: curve.figures.points.slice(0, 2) } };
  assert.doesNotMatch(draw({ 'curve.json': sound }).get('cost-memory.svg') ?? '', /class="own hollow"|not sustained/);
});

test('bars are as long as their values, and words are written so that they are no tags', () => {
  const svg = draw({ 'record-50.json': record }).get('record-cpu.svg') ?? '';
  const [own, peer] = [...svg.matchAll(/<rect [^>]*?width="([0-9.]+)"/g)].map((match) => Number(match[1]));
  assert.ok(Math.abs(peer! / own! - 3) < 0.01, `${own} and ${peer}`);
  assert.match(svg, /a &lt;peer&gt;, 10 \(beside 50\)/);
});

test('pictures have colours for light and for dark', () => {
  for (const svg of draw({ 'curve.json': curve, 'record-50.json': record }).values())
    assert.match(svg, /prefers-color-scheme: dark/);
});

test('a result that is not what its benchmark writes is refused', () => {
  assert.throws(() => draw({ 'curve.json': record }), /curve/);
  assert.throws(() => draw({ 'record-1.json': { ...record, figures: { cameras: 0 } } }));
});

test('ticks are round and enclose what is drawn', () => {
  assert.deepEqual(decadesAround([3, 90]).ticks, [1, 10, 100]);
  assert.deepEqual(decadesAround([1, 1000]).ticks, [1, 10, 100, 1000]);
  assert.deepEqual(decadesAround([10]).ticks, [10, 100]);
  assert.deepEqual(
    [stepFor(0.4), stepFor(4.6), stepFor(10), stepFor(52)].map((step) => Number(step.toPrecision(3))),
    [0.1, 1, 2, 20],
  );
});
