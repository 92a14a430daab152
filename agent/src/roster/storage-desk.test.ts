import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openArchive } from '#archive';
import { openVolumes } from '#storage';
import { openFakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { openTempFolder } from '@porchlight/base/testing';
import { openStorageDesk } from './index.ts';

async function openDesk() {
  const temp = openTempFolder();
  const [clock, log] = [openFakeClock(), openFakeLog()];
  const folder = join(temp.path, 'data');
  const volumes = await openVolumes({ folder, mainFolder: join(temp.path, 'archive'), clock, log });
  const archive = await openArchive({ folder, volume: volumes, clock, log });
  const desk = openStorageDesk({ volumes, keeping: archive.keeping, cameras: () => [], clock, log });
  return { temp, desk, archive, volumes, main: join(temp.path, 'archive') };
}

test('a budget that the disk has no room for is refused with the reason, and the old one stays', async () => {
  const { temp, desk, archive, volumes } = await openDesk();
  const good = { volumes: [{ id: 'main', bytes: 50_000_000 }], budget: {} };
  await desk.check(good);
  desk.apply(good);
  assert.equal(archive.keeping.capBytes(), 50_000_000);
  const bad = { volumes: [{ id: 'main', bytes: 9e17 }], budget: {} };
  await assert.rejects(desk.check(bad), { kind: 'invalid', message: /more than 90 %/ });
  desk.apply(bad);
  assert.equal(archive.keeping.capBytes(), 50_000_000);
  assert.match(archive.keeping.status().refused!, /more than 90 %/);
  desk.apply(good);
  assert.equal(archive.keeping.status().refused, undefined);
  await archive.close();
  volumes.close();
  temp[Symbol.dispose]();
});

test('a new place must exist and take a real write before it is agreed to', async () => {
  const { temp, desk, archive, volumes, main } = await openDesk();
  const nas = join(temp.path, 'nas');
  const config = { volumes: [{ id: 'nas', folder: nas, bytes: 'most' as const }], budget: {} };
  await assert.rejects(desk.check(config), { kind: 'invalid', message: /There is no folder/ });
  mkdirSync(nas);
  await desk.check(config);
  desk.apply(config);
  await volumes.look();
  assert.equal(volumes.target.folder, nas);
  assert.deepEqual(
    volumes.list().map(({ id }) => id),
    ['nas', 'main'],
    'where recorders were is kept, though nothing has been closed there yet',
  );
  const found = await desk.checkFolder(undefined);
  assert.ok(found.ok && found.cameras === 0);
  desk.apply(undefined);
  assert.equal(volumes.target.folder, main, 'a hub that has forgotten leads back to the first place');
  await archive.close();
  volumes.close();
  temp[Symbol.dispose]();
});
