import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
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
const user = { username: 'viewer', password: 'p w:1' };

/** Hashes of decoded pictures, in the order they are shown. */
function toHashes(path: string): string[] {
  const output = execFileSync('ffmpeg', ['-v', 'error', '-i', path, '-map', '0:v:0', '-f', 'framemd5', '-'], {
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  return output
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(',').at(-1)!.trim());
}

/** Records a path until its first segment is complete: the server's film is over, and it sends no more. */
async function record(url: string, transport: 'tcp' | 'udp', folder: string): Promise<{ path: string; lost: number }> {
  const events: ArchiveEvent[] = [];
  const closed = Promise.withResolvers<void>();
  const line = openLine(
    { id: 'gst' as CameraId, sourceKind: 'rtsp', url, transport, credentials: user, paused: false },
    {
      ...{ clock: systemClock, log: openFakeLog(), volume: openDiskVolume(folder), demoFolder: '' },
      times: { mediaMs: 2000 },
      emit(event) {
        events.push(event);
        if (event.kind === 'segment-closed') closed.resolve();
      },
      onChange: () => undefined,
    },
  );
  await closed.promise;
  const stream = line.report().streams[0];
  await line.close();
  assert.equal(stream?.transport, transport);
  const opened = events.find((event) => event.kind === 'segment-opened');
  const end = events.find((event) => event.kind === 'segment-closed');
  return { path: join(folder, opened!.path), lost: end!.packetsLost };
}

describe("GStreamer's RTSP server", { ...needs('gstreamer', 'ffmpeg', 'footage'), concurrency: 3 }, () => {
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
        const { path, lost } = await record(`${base}/${name}`, transport, folder.path);
        assert.equal(lost, 0);
        const recorded = toHashes(path);
        const source = toHashes(footagePath('video', file));
        assert.ok(recorded.length >= source.length - 1, `${recorded.length} of ${source.length} pictures`);
        assert.deepEqual(recorded, source.slice(0, recorded.length));
      });
    }
  }
});
