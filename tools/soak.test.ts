import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const entry = join(import.meta.dirname, '../bench/soak.ts');

/** One line of JSON; why, where a bar was missed. */
async function soak(...args: string[]): Promise<{ missed: string[] } & Record<string, unknown>> {
  const run = await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', entry, ...args], {
    timeout: 240_000,
  }).catch((error: unknown) => error as { stdout: string; stderr: string });
  assert.notEqual(run.stdout, '', run.stderr);
  return JSON.parse(run.stdout) as { missed: string[] } & Record<string, unknown>;
}

test('cameras come back from every trouble, alone and in pairs, and nothing is left behind', async () => {
  const { missed, units } = await soak('--rounds', '1', '--cameras', '50', '--seed', '7');
  assert.equal(units, 325);
  assert.deepEqual(missed, []);
});

test('a line lives whatever bytes a camera sends', async () => {
  const { missed, transcripts } = await soak('--fuzz', '--minutes', '0.1', '--seed', '7');
  assert.ok(Number(transcripts) > 10);
  assert.deepEqual(missed, []);
});
