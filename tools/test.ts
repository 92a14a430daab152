/**
 * Runs the project's tests and closes with one line: `N passed, N failed, N skipped`.
 * `node tools/test.ts [--e2e] [FILE…]`; without files, every `*.test.ts` outside `e2e/` (or only those inside it).
 */
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { PassThrough } from 'node:stream';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

const root = `${import.meta.dirname}/..`;
/** Far more than any file needs on a slow machine: a file that takes longer hangs, and is told by name. */
const fileLimitMs = Number(process.env['PORCHLIGHT_TEST_FILE_LIMIT_MS'] ?? 600_000);
const slowestShown = 10;

const wantsE2e = process.argv.includes('--e2e');
const named = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const patterns = wantsE2e
  ? ['e2e/**/*.test.ts']
  : ['{media,contract,base,agent,hub,aws,web,simulator,cli}/src/**/*.test.ts', 'tools/*.test.ts'];
/** What waits for real time comes first, so that nothing else waits for it at the end. */
const waitsLong =
  /^(tools\/(soak|bench)|simulator\/src\/server\/ffmpeg|agent\/src\/(line\/gstreamer|main|live\/browser))\./;
const files = named.length > 0 ? named : globSync(patterns, { cwd: root }).toSorted(byWait);

type TestEvent = { readonly type: string; readonly data: unknown };
type Outcome = {
  readonly name: string;
  readonly skip?: string | boolean;
  readonly details?: { readonly type?: string };
};

const counts = { passed: 0, failed: 0, skipped: 0 };
const skipped: string[] = [];
const hung: string[] = [];
const durations: { readonly file: string; readonly seconds: number }[] = [];
const report = new PassThrough({ objectMode: true });
const printed = report.compose(spec);
printed.pipe(process.stdout);

function byWait(a: string, b: string): number {
  return Number(waitsLong.test(b)) - Number(waitsLong.test(a)) || (a < b ? -1 : 1);
}

function count(type: string, { name, skip, details }: Outcome): void {
  if (type === 'test:fail' && details?.type !== 'suite') counts.failed++;
  if (type !== 'test:pass') return;
  if (skip !== undefined && skip !== false) {
    skipped.push(`${name}${typeof skip === 'string' ? ` (${skip})` : ''}`);
    counts.skipped++;
  } else if (details?.type !== 'suite') counts.passed++;
}

/** One file in a process of its own. */
async function runFile(file: string): Promise<void> {
  const running = new Set<string>();
  const limit = new AbortController();
  const startMs = performance.now();
  const timer = setTimeout(() => {
    const what = running.size === 0 ? 'its tests have ended, something keeps it open' : [...running].join('; ');
    hung.push(`${file} has not ended after ${fileLimitMs / 1000} s: ${what}`);
    limit.abort();
  }, fileLimitMs);
  const execArgv = ['--disable-warning=ExperimentalWarning'];
  const events: AsyncIterable<TestEvent> = run({ files: [file], cwd: root, execArgv, signal: limit.signal });
  for await (const { type, data } of events) {
    const outcome = data as Outcome;
    if (type === 'test:dequeue' && outcome.name !== file) running.add(outcome.name);
    if (type === 'test:complete') running.delete(outcome.name);
    count(type, outcome);
    // Each run counts for itself; the sum is told at the end.
    if (type !== 'test:summary' && type !== 'test:diagnostic') report.write({ type, data });
  }
  clearTimeout(timer);
  durations.push({ file, seconds: (performance.now() - startMs) / 1000 });
}

const waiting = [...files];
async function work(): Promise<void> {
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) await runFile(file);
}
// One more than there are processors: some file always waits for something. A browser with a house waits half of its time.
const workers = wantsE2e ? 2 : availableParallelism() + 1;
await Promise.all(Array.from({ length: workers }, work));

report.end();
await new Promise((done) => printed.once('end', done));
if (hung.length > 0) counts.failed = Math.max(counts.failed, hung.length);
if (counts.passed === 0) counts.failed = Math.max(1, counts.failed);
if (files.length > slowestShown) {
  const slowest = durations.toSorted((a, b) => b.seconds - a.seconds).slice(0, slowestShown);
  process.stdout.write(
    `slowest: ${slowest.map(({ file, seconds }) => `${file} ${seconds.toFixed(0)} s`).join(', ')}\n`,
  );
}
for (const line of hung) process.stdout.write(`hung: ${line}\n`);
for (const suite of skipped) process.stdout.write(`skipped: ${suite}\n`);
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
process.exit(counts.failed > 0 ? 1 : 0);
