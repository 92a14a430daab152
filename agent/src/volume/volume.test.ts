import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HouseError } from '@porchlight/base/errors';
import { openTempFolder } from '@porchlight/base/testing';
import { isVolumeFull, openDiskVolume, openFakeVolume, type Volume } from './index.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

async function readAll(volume: Volume, path: string): Promise<number[]> {
  const reader = await volume.openReader(path);
  try {
    const whole = [...(await reader.read(0, reader.sizeBytes))];
    assert.deepEqual([...reader.readAt(0, reader.sizeBytes)], whole, 'both ways of reading agree');
    return whole;
  } finally {
    await reader.close();
  }
}

const isKind =
  (kind: string) =>
  (error: unknown): boolean =>
    error instanceof HouseError && error.kind === kind;

/** One suite for every implementation of the port. */
function describeVolume(name: string, open: () => { volume: Volume; done: () => void }): void {
  describe(`a volume: ${name}`, () => {
    const check = (what: string, run: (volume: Volume) => Promise<void>): void => {
      test(what, async () => {
        const { volume, done } = open();
        try {
          await run(volume);
        } finally {
          done();
        }
      });
    };

    check('appends parts in order and reads them back', async (volume) => {
      const file = await volume.create('a/b/c.mp4');
      await file.write([bytes(1, 2), bytes(), bytes(3)]);
      await file.write([bytes(4)]);
      await file.write([]);
      await file.sync();
      await file.close();
      await volume.syncFolder('a/b');
      assert.deepEqual(await readAll(volume, 'a/b/c.mp4'), [1, 2, 3, 4]);
    });

    check('gives back at once what has been written, until the file is closed', async (volume) => {
      const file = await volume.create('open');
      await file.write([bytes(1, 2, 3), bytes(4)]);
      assert.deepEqual([...file.readBack(1, 2)], [2, 3]);
      await file.write([bytes(5)]);
      assert.deepEqual([...file.readBack(3, 10)], [4, 5]);
      assert.deepEqual([...file.readBack(9, 1)], []);
      await file.close();
      assert.throws(() => file.readBack(0, 1), isKind('unavailable'));
    });

    check('makes a file without waiting for the disk, its names durable later', async (volume) => {
      const file = await volume.create('new/folder/file', { nameLater: true });
      await file.write([bytes(1)]);
      await file.sync();
      await volume.syncFolder('new/folder');
      await file.close();
      assert.deepEqual(await readAll(volume, 'new/folder/file'), [1]);
      await assert.rejects(volume.create('new/folder/file', { nameLater: true }), isKind('conflict'));
    });

    check('writes more parts than one system call takes', async (volume) => {
      const file = await volume.create('many');
      const parts = Array.from({ length: 5000 }, (_, index) => bytes(index & 0xff, index >> 8));
      await file.write(parts);
      await file.close();
      assert.deepEqual(
        await readAll(volume, 'many'),
        parts.flatMap((part) => [...part]),
      );
    });

    check('gives fewer bytes at the end of a file and none behind it', async (volume) => {
      const file = await volume.create('short');
      await file.write([bytes(1, 2, 3)]);
      await file.close();
      const reader = await volume.openReader('short');
      assert.equal(reader.sizeBytes, 3);
      assert.deepEqual([...(await reader.read(2, 10))], [3]);
      assert.deepEqual([...reader.readAt(2, 10)], [3]);
      assert.equal((await reader.read(3, 10)).length, 0);
      assert.equal(reader.readAt(9, 10).length, 0);
      await reader.close();
    });

    check('goes on at the new end of a file that was cut', async (volume) => {
      const file = await volume.create('cut');
      await file.write([bytes(1, 2, 3, 4)]);
      await file.truncate(2);
      await file.write([bytes(9)]);
      await file.close();
      assert.deepEqual(await readAll(volume, 'cut'), [1, 2, 9]);
      const again = await volume.openFile('cut');
      await again.write([bytes(7)]);
      await again.truncate(3);
      await again.close();
      assert.deepEqual(await readAll(volume, 'cut'), [1, 2, 9]);
    });

    check('refuses to create what is there and to open what is not', async (volume) => {
      await (await volume.create('x/one')).close();
      await assert.rejects(volume.create('x/one'), isKind('conflict'));
      await assert.rejects(volume.openReader('x/two'), isKind('not-found'));
      await assert.rejects(volume.openFile('y'), isKind('not-found'));
      await assert.rejects(volume.move('nothing', 'else'), isKind('not-found'));
    });

    check('lists, moves and removes', async (volume) => {
      for (const path of ['cam/main/2', 'cam/main/1', 'cam/sub/1']) {
        const file = await volume.create(path);
        await file.write([bytes(1)]);
        await file.close();
      }
      const listed = (await volume.list('cam')).map(({ name, folder }) => ({ name, folder }));
      assert.deepEqual(listed, [
        { name: 'main', folder: true },
        { name: 'sub', folder: true },
      ]);
      assert.deepEqual(
        (await volume.list('cam/main')).map(({ name }) => name),
        ['1', '2'],
      );
      assert.equal((await volume.list('cam/main'))[0]!.sizeBytes, 1);
      assert.deepEqual(await volume.list('none'), []);
      await volume.move('cam/main/2', 'quarantine/cam/2');
      assert.deepEqual(await readAll(volume, 'quarantine/cam/2'), [1]);
      await volume.remove('cam/main/1');
      await volume.remove('cam/main/1');
      assert.deepEqual(await volume.list('cam/main'), []);
      await volume.removeFolder('cam');
      await volume.removeFolder('cam');
      assert.deepEqual(
        (await volume.list('')).map(({ name }) => name),
        ['quarantine'],
      );
    });

    check('keeps every path inside', async (volume) => {
      for (const path of ['../x', 'a/../../x', '/etc/x', 'a//b', '', 'a\\b', 'a/./b']) {
        await assert.rejects(volume.create(path), TypeError, path);
      }
    });

    check('knows how much is free', async (volume) => {
      const { freeBytes, totalBytes } = await volume.space();
      assert.ok(freeBytes > 0 && freeBytes <= totalBytes);
    });
  });
}

describeVolume('disk', () => {
  const folder = openTempFolder();
  return { volume: openDiskVolume(folder.path), done: () => folder[Symbol.dispose]() };
});
describeVolume('fake', () => ({ volume: openFakeVolume(), done: () => undefined }));

test('a fake volume that is full writes short, says so, and takes more once there is room', async () => {
  const volume = openFakeVolume({ capacityBytes: 5 });
  const file = await volume.create('f');
  await assert.rejects(
    file.write([bytes(1, 2, 3), bytes(4, 5, 6)]),
    (error) => isVolumeFull(error) && isKind('unavailable')(error),
  );
  assert.equal(volume.files.get('f')!.length, 5);
  await file.truncate(0);
  await file.write([bytes(1)]);
});

test('a power cut keeps what was synced and at most a part of the rest', async () => {
  for (let round = 0; round < 50; round++) {
    const volume = openFakeVolume();
    const file = await volume.create('d/f');
    await file.write([bytes(1, 2, 3)]);
    await file.sync();
    await file.write([bytes(4, 5, 6)]);
    const random = (): number => ((round * 0.37 + 0.11) * 7) % 1;
    volume.cutPower(random);
    const left = [...volume.files.get('d/f')!];
    assert.deepEqual(left.slice(0, 3), [1, 2, 3]);
    assert.ok(left.slice(3).every((value, index) => value === 4 + index || value === 0));
    await assert.rejects(file.write([bytes(7)]), isKind('unavailable'));
  }
});

test('a name that was never synced may be gone after a power cut', async () => {
  const volume = openFakeVolume();
  volume.put('safe', bytes(1));
  const file = await volume.create('d/f');
  assert.ok(volume.syncs.includes('d'), 'the folder is synced when the file is created');
  await file.close();
  volume.cutPower(() => 0);
  assert.ok(volume.files.has('d/f') && volume.files.has('safe'));
});
