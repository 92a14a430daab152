import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { openTempFolder } from '@porchlight/base/testing';

const entry = resolve(import.meta.dirname, '../main.ts');

/** As the launcher does when the PATH's Node is not the packaged one: with a channel. */
test('a house started through the launcher ends by itself after a signal', { timeout: 120_000 }, async () => {
  using folder = openTempFolder();
  const args = ['start', '--data', folder.path, '--port', '0', '--no-demo', '--log-level', 'silent'];
  const house = fork(entry, args, {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const ended = once(house, 'exit');
  try {
    for await (const line of createInterface(house.stdout!)) if (line.startsWith('Porchlight is ready')) break;
    house.stdout!.resume();
    assert.equal(existsSync(join(folder.path, 'ready.json')), true);
    house.kill('SIGTERM');
    const late = setTimeout(() => house.kill('SIGKILL'), 40_000);
    const [code] = (await ended) as [number | null];
    clearTimeout(late);
    assert.equal(code, 0);
    assert.equal(existsSync(join(folder.path, 'ready.json')), false);
  } finally {
    house.kill('SIGKILL');
  }
});
