/**
 * Runs the project's tests and closes with one line: `N passed, N failed, N skipped`.
 * `node tools/test.ts [--e2e] [FILE…]`; without files, every `*.test.ts` outside `e2e/` (or only those inside it).
 */
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

const root = `${import.meta.dirname}/..`;
const wantsE2e = process.argv.includes('--e2e');
const named = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const patterns = wantsE2e
  ? ['e2e/**/*.test.ts']
  : ['{media,contract,base,agent,hub,aws,web,simulator,cli}/src/**/*.test.ts', 'tools/*.test.ts'];
const files = named.length > 0 ? named : globSync(patterns, { cwd: root }).toSorted();

const counts = { passed: 0, failed: 0, skipped: 0 };
const skippedSuites: string[] = [];
const events = run({
  files,
  cwd: root,
  concurrency: wantsE2e ? 1 : availableParallelism(),
  execArgv: ['--disable-warning=ExperimentalWarning'],
});
events.on('test:pass', (event) => {
  if (event.skip !== undefined) {
    skippedSuites.push(`${event.name}${typeof event.skip === 'string' ? ` (${event.skip})` : ''}`);
    counts.skipped++;
  } else if (event.details.type !== 'suite') counts.passed++;
});
events.on('test:fail', (event) => {
  if (event.details.type !== 'suite') counts.failed++;
});
events.compose(spec).pipe(process.stdout);
events.on('close', () => undefined);
process.on('beforeExit', (code) => {
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  if (counts.passed === 0) counts.failed = Math.max(1, counts.failed);
  for (const suite of skippedSuites) process.stdout.write(`skipped: ${suite}\n`);
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  process.exit(counts.failed > 0 ? 1 : 0);
});
