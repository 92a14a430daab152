import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { openTempFolder } from '@porchlight/base/testing';

const entry = resolve(import.meta.dirname, '../main.ts');

function run(...args: string[]): { code: number | null; out: string; trouble: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', entry, ...args],
    { encoding: 'utf8' },
  );
  return { code: status, out: stdout, trouble: stderr };
}

test('verify says in one line what it needs, with exit code 2', () => {
  using folder = openTempFolder();
  const nothing = run('verify', join(folder.path, 'clip.mp4'));
  assert.equal(nothing.code, 2);
  assert.match(nothing.trouble, /^There is no .*clip\.mp4\. Give a clip, its manifest, or a folder\.\n$/);
  writeFileSync(join(folder.path, 'clip.mp4'), 'x');
  assert.match(run('verify', join(folder.path, 'clip.mp4')).trouble, /no manifest for/);
  writeFileSync(join(folder.path, 'clip.mp4.proof.json'), '{"format":"other"}');
  const other = run('verify', join(folder.path, 'clip.mp4'));
  assert.deepEqual([other.code, other.trouble.includes('no manifest of Porchlight')], [2, true]);
  assert.equal(run('verify').code, 2);
  assert.equal(run('verify', '--what').code, 2);
});

test('fsck without a house, or without an index, says so and makes nothing', () => {
  using folder = openTempFolder();
  const nothing = run('fsck', '--data', folder.path);
  assert.equal(nothing.code, 2);
  assert.match(nothing.trouble, /There is no house in .*Name it with --data DIR/);
  assert.ok(!existsSync(join(folder.path, 'agent')));
  mkdirSync(join(folder.path, 'agent'));
  assert.match(run('fsck', '--data', folder.path).trouble, /no index here.*--rebuild-index/);
  assert.match(run('fsck', '--data', folder.path, '--rebuild-index').trouble, /volume main is not there/);
  mkdirSync(join(folder.path, 'archive'));
  const made = run('fsck', '--data', folder.path, '--rebuild-index', '--json');
  assert.equal(made.code, 0, made.trouble);
  assert.equal((JSON.parse(made.out) as { left: { segments: number } }).left.segments, 0);
  assert.equal(run('fsck', '--data', folder.path).code, 0);
});
