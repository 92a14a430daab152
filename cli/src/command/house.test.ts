import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { openTempFolder } from '@porchlight/base/testing';
import { addCamera } from './add.ts';
import { exportSpan } from './export.ts';
import { openHouse } from './house.ts';

const hubEntry = resolve(import.meta.dirname, '../../../hub/src/main.ts');

/** A hub with TLS, as for any address but 127.0.0.1, in a folder like that of a running house. */
async function startSecureHub(folder: string): Promise<{ stop(): Promise<void> }> {
  mkdirSync(join(folder, 'hub'), { recursive: true, mode: 0o700 });
  const options = ['--data', join(folder, 'hub'), '--host', '127.0.0.2', '--port', '0', '--level', 'silent'];
  const socket = ['--agent-socket', join(folder, 'no.sock')];
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', hubEntry, ...options, ...socket], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  writeFileSync(join(folder, 'ready.json'), JSON.stringify({ url: new URL(line).origin }));
  return {
    async stop() {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}

test('add and export reach a house that speaks TLS with its own certificate', { timeout: 90_000 }, async () => {
  using folder = openTempFolder();
  const hub = await startSecureHub(folder.path);
  try {
    const house = openHouse(folder.path);
    assert.match(house.url, /^https:\/\/127\.0\.0\.2:\d+$/);
    assert.equal(await addCamera(['Yard', 'rtsp://192.0.2.7/stream1', '--data', folder.path]), 0);
    const { cameras } = (await (await house.fetch('/api/cameras')).json()) as { cameras: { id: string }[] };
    assert.deepEqual(
      cameras.map(({ id }) => id),
      ['yard'],
    );
    // No agent runs here: the house's own words about that came through TLS.
    const span = ['--from', '1800000000000', '--to', '1800000001000', '--data', folder.path];
    await assert.rejects(exportSpan(['yard', ...span]), /recording program is not running/);
  } finally {
    await hub.stop();
  }
});
