import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findVolumeTrouble } from '#volume';
import { openFakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { openTempFolder } from '@porchlight/base/testing';
import { checkFolder, identityFile, openRecordingVolume, openVolumes } from './index.ts';

/** Places in a temporary folder; `mount` and `unmount` put the disk at its mount point and take it away. */
async function openPlaces() {
  const temp = openTempFolder();
  const [clock, log] = [openFakeClock(), openFakeLog()];
  const mountPoint = join(temp.path, 'mnt');
  const disk = join(temp.path, 'disk');
  fs.mkdirSync(mountPoint);
  const options = { folder: join(temp.path, 'data'), mainFolder: mountPoint, clock, log };
  const places = {
    ...{ temp, clock, log, mountPoint, options },
    volumes: await openVolumes(options),
    unmount(): void {
      fs.renameSync(mountPoint, disk);
      fs.mkdirSync(mountPoint);
    },
    mount(): void {
      fs.rmdirSync(mountPoint);
      fs.renameSync(disk, mountPoint);
    },
    [Symbol.dispose](): void {
      places.volumes.close();
      temp[Symbol.dispose]();
    },
  };
  return places;
}

const troubleOf = async (call: Promise<unknown>): Promise<string | undefined> =>
  call.then(
    () => undefined,
    (error: unknown) => findVolumeTrouble(error),
  );

test('every volume gets a file that says which one it is, and keeps it over restarts', async () => {
  using places = await openPlaces();
  const text = fs.readFileSync(join(places.mountPoint, identityFile), 'utf8');
  assert.match(text, /"volume":"[0-9a-f-]{36}"/);
  assert.equal(places.volumes.list()[0]!.state, 'ok');
  const again = await openVolumes(places.options);
  assert.equal(again.target.identity, places.volumes.target.identity);
  again.close();
});

test('where the disk is gone nothing is written, least of all into the folder underneath; when it is back it is used by itself', async () => {
  using places = await openPlaces();
  const recording = openRecordingVolume(places.volumes.target);
  const states: string[] = [];
  places.volumes.watch(({ state }) => states.push(state));
  const file = await recording.create('yard/main/day/a.mp4');
  await file.close();
  places.unmount();
  for (const volume of [recording, places.volumes.list()[0]!.volume]) {
    assert.equal(await troubleOf(volume.create('yard/main/day/b.mp4')), 'missing');
    assert.equal(await troubleOf(volume.remove('yard/main/day/a.mp4')), 'missing');
    assert.equal(await troubleOf(volume.list('')), 'missing');
    assert.equal(await troubleOf(volume.openReader('yard/main/day/a.mp4')), 'missing', 'it is not gone, its disk is');
    assert.equal(await troubleOf(volume.space()), 'missing');
  }
  assert.deepEqual(fs.readdirSync(places.mountPoint), []);
  await places.volumes.look();
  places.mount();
  await places.clock.advance(5_000);
  await places.volumes.look();
  assert.deepEqual(states, ['missing', 'ok']);
  await (await recording.create('yard/main/day/b.mp4')).close();
  assert.ok(fs.existsSync(join(places.mountPoint, 'yard/main/day/b.mp4')));
});

test('another disk in its place is not written to', async () => {
  using places = await openPlaces();
  const recording = openRecordingVolume(places.volumes.target);
  places.unmount();
  fs.writeFileSync(join(places.mountPoint, identityFile), '{"v":1,"volume":"somebody-else"}\n');
  assert.equal(await troubleOf(recording.create('yard/main/day/b.mp4')), 'wrong');
  await places.volumes.look();
  assert.equal(places.volumes.list()[0]!.state, 'wrong');
  assert.deepEqual(fs.readdirSync(places.mountPoint), [identityFile]);
});

test('a disk that was gone at the start is waited for, not begun anew', async () => {
  using places = await openPlaces();
  places.volumes.close();
  places.unmount();
  const again = await openVolumes(places.options);
  assert.equal(again.list()[0]!.state, 'missing');
  assert.deepEqual(fs.readdirSync(places.mountPoint), []);
  places.mount();
  await again.look();
  assert.equal(again.list()[0]!.state, 'ok');
  again.close();
});

test('a new place is given an identity or taken over with its own; one that holds footage stays when nobody lists it', async () => {
  using places = await openPlaces();
  const nas = join(places.temp.path, 'nas');
  fs.mkdirSync(nas);
  fs.writeFileSync(join(nas, identityFile), '{"v":1,"volume":"from-before"}\n');
  places.volumes.setPlaces([{ id: 'nas', folder: nas }, { id: 'main' }]);
  await places.volumes.look();
  assert.deepEqual(places.volumes.target, { id: 'nas', folder: nas, identity: 'from-before' });
  places.volumes.setPlaces([{ id: 'main' }], ['nas']);
  await places.volumes.look();
  assert.deepEqual(
    places.volumes.list().map(({ id, state }) => [id, state]),
    [
      ['main', 'ok'],
      ['nas', 'ok'],
    ],
  );
  places.volumes.setPlaces([{ id: 'main' }], []);
  assert.deepEqual(
    places.volumes.list().map(({ id }) => id),
    ['main'],
  );
});

test('recorders go over to another place with their next file; open ones end where they are', async () => {
  using places = await openPlaces();
  const nas = join(places.temp.path, 'nas');
  fs.mkdirSync(nas);
  const recording = openRecordingVolume(places.volumes.target);
  const before = await recording.create('yard/main/day/a.mp4');
  places.volumes.setPlaces([{ id: 'nas', folder: nas }, { id: 'main' }]);
  await places.volumes.look();
  recording.setTarget(places.volumes.target);
  const after = await recording.create('yard/main/day/b.mp4');
  await before.write([Uint8Array.of(1)]);
  for (const file of [before, after]) await file.close();
  await recording.syncFolder('yard/main/day');
  assert.deepEqual([before.volume, after.volume], ['main', 'nas']);
  assert.ok(fs.existsSync(join(places.mountPoint, 'yard/main/day/a.mp4')));
  assert.ok(fs.existsSync(join(nas, 'yard/main/day/b.mp4')));
  await recording.remove('yard/main/day/a.mp4');
  assert.ok(!fs.existsSync(join(places.mountPoint, 'yard/main/day/a.mp4')));
});

test('what writing met with is a state until a little can be written again', async () => {
  using places = await openPlaces();
  places.volumes.noteTrouble(undefined, 'full');
  assert.equal(places.volumes.list()[0]!.state, 'full');
  await places.volumes.look();
  assert.equal(places.volumes.list()[0]!.state, 'ok');
});

test('a folder is looked at with a real write, which leaves nothing behind', async () => {
  using places = await openPlaces();
  const parts = { clock: places.clock, toMostBytes: (totalBytes: number) => Math.floor(totalBytes * 0.9) };
  const found = await checkFolder(places.mountPoint, parts);
  assert.ok(found.ok && found.freeBytes! > 0 && found.mostBytes! < found.totalBytes!);
  assert.ok(found.writeBytesPerSecond! > 0);
  assert.deepEqual(fs.readdirSync(places.mountPoint), [identityFile]);
  const missing = await checkFolder(join(places.temp.path, 'nowhere'), parts);
  assert.ok(!missing.ok && /no folder/.test(missing.message) && missing.fix);
  fs.writeFileSync(join(places.temp.path, 'file'), '');
  assert.equal((await checkFolder(join(places.temp.path, 'file'), parts)).ok, false);
});
