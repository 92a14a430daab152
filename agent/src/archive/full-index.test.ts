import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { day, midnight, yard } from '#testing';
import { openFakeVolume } from '#volume';
import { openFakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { mountSmallDisk, needs, openTempFolder } from '@porchlight/base/testing';
import { openArchive, type Archive } from './index.ts';

/** Takes all room there is, to the last block. */
function fill(folder: string): void {
  const file = fs.openSync(join(folder, 'somebody-else'), 'a');
  for (const sizeBytes of [1 << 16, 1 << 12, 1 << 9]) {
    try {
      for (;;) fs.writeSync(file, Buffer.alloc(sizeBytes));
    } catch {
      // full
    }
  }
  fs.closeSync(file);
}

const giveBack = (folder: string): void => fs.rmSync(join(folder, 'somebody-else'));

/** Writes so many rows of a kilobyte or so, each by itself. */
function noteGaps(archive: Archive, count: number, fromMs: number): void {
  for (let index = 0; index < count; index++)
    archive.note({ kind: 'gap', camera: yard, stream: 'main', fromMs: fromMs + index * 10_000, reason: 'disk-full' });
}

const countGaps = (archive: Archive, fromMs: number): number => {
  const { gaps } = archive.findSpans(yard, fromMs, fromMs + 3_600_000);
  return gaps.filter(({ reason }) => reason === 'disk-full').length;
};

describe('an index on a disk that is full', needs('tmpfs'), () => {
  const open = async (folder: string) => {
    const [clock, log] = [openFakeClock(midnight + 2 * day), openFakeLog()];
    const archive = await openArchive({ folder, volume: openFakeVolume(), clock, log, bootId: 'boot' });
    archive.setCamera(yard, { addedMs: midnight - day });
    return { archive, clock, log };
  };

  test('a minute after the start it has room of its own, in which an hour of rows is written while nobody else can write', async () => {
    using disk = openTempFolder();
    using _mounted = mountSmallDisk(disk.path, 200_000);
    const { archive, clock, log } = await open(disk.path);
    await clock.advance(60_000);
    fill(disk.path);
    assert.throws(() => fs.writeFileSync(join(disk.path, 'mine'), Buffer.alloc(8192)), { code: 'ENOSPC' });
    noteGaps(archive, 6_000, midnight);
    await clock.advance(60_000);
    assert.deepEqual(
      log.lines.filter(({ level }) => level === 'error' || level === 'warn'),
      [],
    );
    assert.ok(countGaps(archive, midnight) >= 1);
    assert.ok(fs.existsSync(join(disk.path, 'index.reserve')), 'the file was not even needed');
    await archive.close();
    giveBack(disk.path);
    const again = await open(disk.path);
    const { gaps } = again.archive.findSpans(yard, midnight, midnight + 60_000_000);
    assert.deepEqual([...new Set(gaps.map(({ reason }) => reason))], ['disk-full']);
    await again.archive.close();
  });

  test('an agent that starts on a full disk gives the reserve up to open its index, and makes it again when there is room', async () => {
    using disk = openTempFolder();
    using _mounted = mountSmallDisk(disk.path, 100_000);
    const first = await open(disk.path);
    await first.clock.advance(60_000);
    noteGaps(first.archive, 10, midnight);
    await first.archive.close();
    fill(disk.path);
    const { archive, clock, log } = await open(disk.path);
    assert.ok(!fs.existsSync(join(disk.path, 'index.reserve')));
    assert.equal(log.lines.filter(({ message }) => /reserve has been given up/.test(message)).length, 1);
    assert.ok(countGaps(archive, midnight) >= 1, 'what was written is there');
    noteGaps(archive, 10, midnight + 3_600_000);
    assert.ok(countGaps(archive, midnight + 3_600_000) >= 1, 'and more is written');
    giveBack(disk.path);
    await clock.advance(10_000);
    assert.ok(fs.statSync(join(disk.path, 'index.reserve')).size > 200_000);
    await archive.close();
  });
});
