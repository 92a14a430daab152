import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { openArchive } from '#archive';
import { openRecorder } from '#recorder';
import { cap, midnight, openDrawnSource, openFeed, yard } from '#testing';
import { isVolumeFull, openDiskVolume } from '#volume';
import { openFakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { mountSmallDisk, needs, openTempFolder } from '@porchlight/base/testing';
import { scanFragments } from '@porchlight/media/fmp4';
import { openRecordingVolume, openVolumes } from './index.ts';

/** Every file of the archive is whole up to its last byte. */
function assertWhole(folder: string): number {
  let files = 0;
  for (const name of fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.mp4')) continue;
    files++;
    const bytes = fs.readFileSync(join(folder, name));
    const readAt = (at: number, length: number): Uint8Array => bytes.subarray(at, at + length);
    const { fragments, initSizeBytes } = scanFragments({ sizeBytes: bytes.length, readAt });
    const end = fragments.at(-1);
    assert.equal(end === undefined ? initSizeBytes : end.offsetBytes + end.sizeBytes, bytes.length, name);
  }
  return files;
}

describe('a small disk', needs('tmpfs'), () => {
  test('recording goes on for an hour on a disk that is full from the third minute on, and never goes below the floor', async () => {
    using data = openTempFolder();
    using disk = openTempFolder();
    using _mounted = mountSmallDisk(disk.path, 4_000);
    const [clock, log] = [openFakeClock(midnight), openFakeLog()];
    const volumes = await openVolumes({ folder: data.path, mainFolder: disk.path, clock, log });
    const archive = await openArchive({ folder: data.path, volume: volumes, clock, log });
    archive.setCamera(yard, { addedMs: midnight });
    archive.keeping.setStorage(cap(1e12));
    const emit = archive.note.bind(archive);
    const volume = openRecordingVolume(volumes.target);
    const recorder = openRecorder({ camera: yard, stream: 'main', volume, clock, log, emit });
    const feed = openFeed({ source: openDrawnSource({ pictureBytes: 2_000 }), reader: recorder, clock });
    recorder.onTracks(feed.tracks, feed.run);
    for (let minute = 0; minute < 60; minute++) await feed.play(60_000);
    await recorder.close();
    await archive.enforceCaps();
    assert.ok(assertWhole(disk.path) >= 2);
    const { spans } = archive.findSpans(yard, midnight, midnight + 3_600_000);
    assert.ok(clock.nowMs() - spans.at(-1)!.toMs < 15_000, 'it still records');
    const { freeBytes, totalBytes } = await volumes.list()[0]!.volume.space();
    assert.ok(freeBytes >= totalBytes / 100);
    await archive.close();
    volumes.close();
  });

  test('ENOSPC by others stops nothing for good: the ledger says disk-full, files stay whole, and it goes on by itself', async () => {
    using data = openTempFolder();
    using disk = openTempFolder();
    using _mounted = mountSmallDisk(disk.path, 6_000);
    const [clock, log] = [openFakeClock(midnight), openFakeLog()];
    const volumes = await openVolumes({ folder: data.path, mainFolder: disk.path, clock, log });
    const archive = await openArchive({ folder: data.path, volume: volumes, clock, log });
    archive.setCamera(yard, { addedMs: midnight });
    const volume = openRecordingVolume(volumes.target);
    const emit: typeof archive.note = (event) => {
      archive.note(event);
      if (event.kind === 'gap') volumes.noteTrouble(undefined, 'full');
    };
    const recorder = openRecorder({ camera: yard, stream: 'main', volume, clock, log, emit });
    const feed = openFeed({ source: openDrawnSource({ pictureBytes: 2_000 }), reader: recorder, clock });
    recorder.onTracks(feed.tracks, feed.run);
    await feed.play(60_000);
    const other = join(disk.path, 'somebody-else');
    const fill = (): void => {
      try {
        for (let at = 0; at < 6_000; at++) fs.appendFileSync(other, Buffer.alloc(1024));
      } catch {
        // full
      }
    };
    for (let second = 0; second < 60; second++) {
      fill();
      await feed.play(1_000);
    }
    assert.equal(archive.keeping.status().volumes[0]!.state, 'full');
    fs.rmSync(other);
    await feed.play(60_000);
    await volumes.look();
    assert.equal(archive.keeping.status().volumes[0]!.state, 'ok');
    await recorder.close();
    await archive.enforceCaps();
    assertWhole(disk.path);
    const { spans, gaps } = archive.findSpans(yard, midnight, midnight + 180_000);
    assert.ok(gaps.some(({ reason }) => reason === 'disk-full'));
    assert.ok(spans.at(-1)!.toMs > midnight + 175_000);
    await archive.close();
    volumes.close();
  });

  test('a full disk is told as one, and what this process may use is what is counted as free', async () => {
    using disk = openTempFolder();
    using _mounted = mountSmallDisk(disk.path, 256);
    const volume = openDiskVolume(disk.path);
    const { freeBytes, totalBytes } = await volume.space();
    assert.deepEqual([totalBytes, freeBytes], [256 * 1024, 256 * 1024]);
    const file = await volume.create('a');
    await assert.rejects(file.write([new Uint8Array(512 * 1024)]), isVolumeFull);
    assert.equal((await volume.space()).freeBytes, 0);
    await file.truncate(0);
    await file.write([new Uint8Array(1024)]);
    await file.close();
  });

  test('a disk that turns read-only plays and is not written to, and is used again when it can be', async () => {
    using data = openTempFolder();
    using disk = openTempFolder();
    using mounted = mountSmallDisk(disk.path, 1_000);
    const [clock, log] = [openFakeClock(), openFakeLog()];
    const volumes = await openVolumes({ folder: data.path, mainFolder: disk.path, clock, log });
    const { volume } = volumes.list()[0]!;
    const file = await volume.create('a');
    await file.write([Uint8Array.of(7)]);
    await file.close();
    mounted.remount('ro');
    await volumes.look();
    assert.equal(volumes.list()[0]!.state, 'read-only');
    await assert.rejects(volume.create('b'), { kind: 'unavailable' });
    const reader = await volume.openReader('a');
    assert.deepEqual([...(await reader.read(0, 1))], [7]);
    await reader.close();
    mounted.remount('rw');
    await volumes.look();
    assert.equal(volumes.list()[0]!.state, 'ok');
    volumes.close();
  });

  test('a disk that is unmounted while recording leaves the folder underneath empty', async () => {
    using data = openTempFolder();
    using disk = openTempFolder();
    const [clock, log] = [openFakeClock(), openFakeLog()];
    const options = { folder: data.path, mainFolder: disk.path, clock, log };
    let target;
    {
      using _mounted = mountSmallDisk(disk.path, 1_000);
      const volumes = await openVolumes(options);
      target = volumes.target;
      volumes.close();
    }
    const recording = openRecordingVolume(target);
    await assert.rejects(recording.create('yard/main/day/a.mp4'), { kind: 'unavailable' });
    const again = await openVolumes(options);
    assert.equal(again.list()[0]!.state, 'missing');
    assert.deepEqual(fs.readdirSync(disk.path), []);
    again.close();
  });
});
