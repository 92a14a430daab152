import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { openDiskVolume } from '#volume';
import type { ArchiveEvent } from '#archive';
import { systemClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { footagePath, needs, openTempFolder } from '@porchlight/base/testing';
import type { CameraId } from '@porchlight/contract/ids';
import { openLine } from './index.ts';

const films = {
  h264: 'carpark-car-and-cyclist.mp4',
  'h264-b': 'outdoor-person-and-dog.mp4',
  h265: 'warehouse-worker-h265.mp4',
};
const run = promisify(execFile);
const user = { username: 'viewer', password: 'p w:1' };

/** Hashes of decoded pictures, in the order they are shown. Beside the event loop: another film is coming in. */
async function toHashes(path: string): Promise<string[]> {
  const args = ['-v', 'error', '-i', path, '-map', '0:v:0', '-f', 'framemd5', '-'];
  const { stdout } = await run('ffmpeg', args, { maxBuffer: 1e8 });
  return stdout
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(',').at(-1)!.trim());
}

/**
 * Records a path until the server's film is over and it sends no more; a whole UTC minute on the way cuts it into two files.
 * While they are finished the line may connect again and record the film anew: that is of no interest.
 */
async function record(
  url: string,
  transport: 'tcp' | 'udp',
  folder: string,
): Promise<{ paths: string[]; lost: number }> {
  const events: ArchiveEvent[] = [];
  const over = Promise.withResolvers<number>();
  const line = openLine(
    { id: 'gst' as CameraId, sourceKind: 'rtsp', url, transport, credentials: user, paused: false },
    {
      ...{ clock: systemClock, log: openFakeLog(), volume: openDiskVolume(folder), demoFolder: '' },
      times: { mediaMs: 3000 },
      emit(event) {
        events.push(event);
        const begun = events.some(({ kind }) => kind === 'segment-opened');
        if (event.kind === 'gap' && begun) over.resolve(event.fromMs);
      },
      onChange: () => undefined,
    },
  );
  const endMs = await over.promise;
  const usedTransport = line.report().streams[0]?.transport;
  await line.close();
  assert.equal(usedTransport, transport);
  const opened = events.filter((event) => event.kind === 'segment-opened').filter((one) => one.startWallMs < endMs);
  const closed = opened.map(({ segment }) =>
    events.filter((event) => event.kind === 'segment-closed').find((one) => one.segment === segment),
  );
  return {
    paths: opened.map(({ path }) => join(folder, path)),
    lost: closed.reduce((sum, of) => sum + of!.packetsLost, 0),
  };
}

describe("GStreamer's RTSP server", { ...needs('gstreamer', 'ffmpeg', 'footage'), concurrency: 6 }, () => {
  let base = '';
  let stop = async (): Promise<void> => undefined;

  before(async () => {
    const paths = Object.entries(films).map(([name, file]) => `${name}=${footagePath('video', file)}`);
    const script = join(import.meta.dirname, 'test/gst-server.py');
    const server = spawn('/usr/bin/python3', [script, user.username, user.password, ...paths], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    stop = async () => {
      server.stdin.end();
      server.kill();
      await once(server, 'exit');
    };
    const [port] = (await once(createInterface({ input: server.stdout }), 'line')) as [string];
    base = `rtsp://127.0.0.1:${port}`;
  });
  after(() => stop());

  for (const [name, file] of Object.entries(films)) {
    for (const transport of ['tcp', 'udp'] as const) {
      test(`${name} over ${transport} is recorded bit for bit, its password proved by digest`, async () => {
        using folder = openTempFolder();
        const { paths, lost } = await record(`${base}/${name}`, transport, folder.path);
        assert.equal(lost, 0);
        const recorded = (await Promise.all(paths.map(toHashes))).flat();
        const source = await toHashes(footagePath('video', file));
        assert.ok(recorded.length >= source.length - 1, `${recorded.length} of ${source.length} pictures`);
        assert.deepEqual(recorded, source.slice(0, recorded.length));
      });
    }
  }
});
