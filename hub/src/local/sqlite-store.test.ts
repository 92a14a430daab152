import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { openTempFolder } from '@porchlight/base/testing';
import { describeStore } from '#testing';
import { openSqliteStore } from './sqlite-store.ts';

describeStore('SQLite', () => openSqliteStore({ path: ':memory:', auditPath: ':memory:' }));

test('what was stored is there after the store was opened again', async () => {
  using folder = openTempFolder();
  const path = join(folder.path, 'hub.sqlite');
  const first = openSqliteStore({ path, auditPath: ':memory:' });
  await first.putSetting('s', 'kept');
  await first.close();
  const second = openSqliteStore({ path, auditPath: ':memory:' });
  assert.equal(await second.findSetting('s'), 'kept');
  await second.close();
});

test('a folder written by a newer version is refused and left as it is', () => {
  using folder = openTempFolder();
  const path = join(folder.path, 'hub.sqlite');
  const database = new DatabaseSync(path);
  database.exec('PRAGMA user_version = 99');
  database.close();
  assert.throws(() => openSqliteStore({ path, auditPath: ':memory:' }), /newer Porchlight/);
});
