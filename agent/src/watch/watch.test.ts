import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openFakeClock, systemClock } from '@porchlight/base/clock';
import { HouseError } from '@porchlight/base/errors';
import { openFakeLog } from '@porchlight/base/log';
import { footagePath, needs, openTempFolder } from '@porchlight/base/testing';
import { cameraIdSchema } from '@porchlight/contract/ids';
import { openSnapshots, openWatcher, snapshotRoutes, type CodedPicture } from './index.ts';

const camera = cameraIdSchema.parse('cam-1');

function keyFrame(file: string, codec: CodedPicture['codec']): CodedPicture {
  const format = codec === 'h264' ? 'h264' : 'hevc';
  const args = ['-v', 'error', '-i', footagePath('video', file), '-map', '0:v:0', '-c', 'copy', '-frames:v', '1'];
  const byteStream = execFileSync('ffmpeg', [...args, '-bsf:v', `${format}_mp4toannexb`, '-f', format, '-'], {
    maxBuffer: 16 << 20,
  });
  return { codec, byteStream: new Uint8Array(byteStream) };
}

/** Width and height from the JPEG's start of frame. @see ITU-T T.81 B.2.2 */
function sizeOf(jpeg: Uint8Array): [number, number] {
  for (let at = 2; at + 9 < jpeg.length;) {
    const marker = jpeg[at + 1]!;
    if (marker === 0xc0) return [(jpeg[at + 7]! << 8) | jpeg[at + 8]!, (jpeg[at + 5]! << 8) | jpeg[at + 6]!];
    at += 2 + ((jpeg[at + 2]! << 8) | jpeg[at + 3]!);
  }
  throw new Error('no start of frame');
}

describe('the watcher', needs('ffmpeg', 'footage'), () => {
  const open = (options: { entry?: string; env?: NodeJS.ProcessEnv } = {}) =>
    openWatcher({ clock: systemClock, log: openFakeLog(), ...options });

  it('turns key frames of H.264 and H.265 into JPEGs of their size', async () => {
    const watcher = open();
    try {
      const h264 = await watcher.toJpeg(keyFrame('outdoor-person-and-dog.mp4', 'h264'));
      assert.deepEqual(sizeOf(h264), [1280, 720]);
      const h265 = await watcher.toJpeg(keyFrame('warehouse-worker-h265.mp4', 'h265'));
      assert.deepEqual(sizeOf(h265), [480, 270]);
    } finally {
      await watcher.close();
    }
  });

  it('answers bytes that are no picture with "corrupt", and goes on', async () => {
    const watcher = open();
    try {
      const noise = Uint8Array.from({ length: 5000 }, (_, index) => (index * 37) & 0xff);
      await assert.rejects(
        watcher.toJpeg({ codec: 'h264', byteStream: noise }),
        (error) => error instanceof HouseError && error.kind === 'corrupt',
      );
      assert.ok((await watcher.toJpeg(keyFrame('warehouse-worker-h265.mp4', 'h265'))).length > 1000);
    } finally {
      await watcher.close();
    }
  });

  it('says what to install when there is no decoder', async () => {
    const watcher = open({ env: { PATH: '/nowhere' } });
    try {
      await assert.rejects(
        watcher.toJpeg({ codec: 'h264', byteStream: new Uint8Array(10) }),
        (error) =>
          error instanceof HouseError &&
          error.kind === 'unavailable' &&
          error.message === 'no decoder: install ffmpeg' &&
          error.fix !== undefined,
      );
    } finally {
      await watcher.close();
    }
  });

  it('comes back after a crash, with a pause', async () => {
    using folder = openTempFolder();
    const entry = join(folder.path, 'crash.mjs');
    writeFileSync(
      entry,
      `import { existsSync, writeFileSync } from 'node:fs';
       const marker = ${JSON.stringify(join(folder.path, 'crashed'))};
       process.on('message', ({ id }) => {
         if (existsSync(marker)) { process.send({ kind: 'jpeg', id, jpeg: Uint8Array.of(0xff, 0xd8) }); return; }
         writeFileSync(marker, '');
         process.exit(3);
       });`,
    );
    const clock = openFakeClock();
    const log = openFakeLog();
    const watcher = openWatcher({ clock, log, entry });
    const picture: CodedPicture = { codec: 'h264', byteStream: new Uint8Array(1) };
    const isUnavailable = (error: unknown): boolean => error instanceof HouseError && error.kind === 'unavailable';
    try {
      await assert.rejects(watcher.toJpeg(picture), isUnavailable);
      await assert.rejects(watcher.toJpeg(picture), isUnavailable);
      assert.ok(log.lines.some(({ level }) => level === 'warn'));
      await clock.advance(600);
      assert.deepEqual([...(await watcher.toJpeg(picture))], [0xff, 0xd8]);
    } finally {
      await watcher.close();
    }
  });
});

describe('snapshots', () => {
  it('are made once a second for each stream, however many ask', async () => {
    const clock = openFakeClock();
    let made = 0;
    const watcher = { toJpeg: async () => Uint8Array.of(0xff, 0xd8, ++made) };
    const findPicture = async () => ({ codec: 'h264' as const, byteStream: new Uint8Array(1), wallMs: 1234.6 });
    const app = snapshotRoutes(openSnapshots({ findPicture, watcher, clock }));
    const get = async (query = ''): Promise<number> => {
      const response = await app.request(`/api/cameras/${camera}/snapshot.jpg${query}`);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('content-type'), 'image/jpeg');
      assert.equal(response.headers.get('porchlight-wall-ms'), '1235');
      return new Uint8Array(await response.arrayBuffer())[2]!;
    };
    assert.deepEqual(await Promise.all([get(), get(), get('?stream=main')]), [1, 1, 1]);
    assert.equal(await get('?stream=sub'), 2);
    await clock.advance(999);
    assert.equal(await get(), 1);
    await clock.advance(1);
    assert.equal(await get(), 3);
  });

  it('of a camera that sends nothing say so', async () => {
    const watcher = { toJpeg: async () => new Uint8Array() };
    const snapshots = openSnapshots({ findPicture: async () => undefined, watcher, clock: openFakeClock() });
    await assert.rejects(
      snapshots.get(camera, 'main'),
      (error) => error instanceof HouseError && error.kind === 'unavailable',
    );
  });
});
