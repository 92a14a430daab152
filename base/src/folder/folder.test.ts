import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HouseError } from '#errors';
import { openTempFolder } from '#testing';
import { makeFolder } from './index.ts';

test('missing parents are made, readable by the owner only, and an existing folder is taken as it is', () => {
  using folder = openTempFolder();
  makeFolder(join(folder.path, 'a/b'));
  makeFolder(join(folder.path, 'a/b'));
  assert.equal(statSync(join(folder.path, 'a/b')).mode & 0o777, 0o700);
});

test('a path below a file, and one below /proc, is refused in words at once', () => {
  using folder = openTempFolder();
  writeFileSync(join(folder.path, 'file'), '');
  for (const path of [join(folder.path, 'file'), join(folder.path, 'file/below'), '/proc/none/below']) {
    assert.throws(
      () => makeFolder(path),
      (error: unknown) =>
        error instanceof HouseError && error.message.includes('--data') && !error.message.includes('\n'),
    );
  }
});
