import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openTempFolder } from '@porchlight/base/testing';
import { openFolderLock } from './index.ts';

test('one at a time holds a folder, and the next may when the first has let go', () => {
  using folder = openTempFolder();
  const path = join(folder.path, 'agent');
  const first = openFolderLock(path);
  assert.throws(() => openFolderLock(path), { kind: 'conflict' });
  first.close();
  openFolderLock(path).close();
});

test('a folder that cannot be is refused in one line', () => {
  using folder = openTempFolder();
  writeFileSync(join(folder.path, 'file'), '');
  assert.throws(() => openFolderLock(join(folder.path, 'file', 'agent')), { kind: 'unavailable' });
});
