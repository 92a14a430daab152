import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openTempFolder } from '#testing';
import { openFolderLock } from './index.ts';

test('one at a time holds a folder, the other is told in the words given, and the next may when the first has let go', () => {
  using folder = openTempFolder();
  const path = join(folder.path, 'agent');
  const first = openFolderLock(path, 'Another agent runs');
  assert.throws(() => openFolderLock(path, 'Another agent runs'), {
    kind: 'conflict',
    message: 'Another agent runs: stop it, or choose another folder with --data DIR.',
  });
  first.close();
  openFolderLock(path, 'Another agent runs').close();
});

test('a folder that cannot be, and one that cannot hold a lock, is refused in one line', () => {
  using folder = openTempFolder();
  writeFileSync(join(folder.path, 'file'), '');
  mkdirSync(join(folder.path, 'taken/lock.sqlite'), { recursive: true });
  for (const path of [join(folder.path, 'file', 'agent'), '/proc/none/agent', join(folder.path, 'taken')])
    assert.throws(() => openFolderLock(path, 'Another agent runs'), {
      kind: 'invalid',
      message: /^Cannot write to .*--data DIR\.$/,
    });
});
