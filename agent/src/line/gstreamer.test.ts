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

/** Records a path until the server's film is over and it sends no more; a whole UTC minute on the way cuts it into two files. */
async function record(
  url: string,
  transport: 'tcp' | 'udp',
  folder: string,
): Promise<{ paths: string[]; lost: number }> {
  const events: ArchiveEvent[] = [];
  const over = Promise.withResolvers<void>();
  const count = (kind: ArchiveEvent['kind']): number => events.filter((event) => event.kind === kind).length;
  const line = openLine(
    { id: 'gst' as CameraId, sourceKind: 'rtsp', url, transport, credentials: user, paused: false },
    {
      ...{ clock: systemClock, log: openFakeLog(), volume: openDiskVolume(folder), demoFolder: '' },
      times: { mediaMs: 2000 },
      emit(event) {
        events.push(event);
        const opened = count('segment-opened');
        if (opened > 0 && count('segment-closed') === opened && count('gap') > 0) over.resolve();
      },
      onChange: () => undefined,
    },
  );
  await over.promise;
  const stream = line.report().streams[0];
  await line.close();
  assert.equal(stream?.transport, transport);
  const opened = events.filter((event) => event.kind === 'segment-opened');
  const closed = events.filter((event) => event.kind === 'segment-closed');
  return {
    paths: opened.map(({ path }) => join(folder, path)),
    lost: closed.reduce((sum, { packetsLost }) => sum + packetsLost, 0),
  };
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
        const { paths, lost } = await record(`${base}/${name}`, transport, folder.path);
        assert.equal(lost, 0);
        const recorded = paths.flatMap(toHashes);
        const source = toHashes(footagePath('video', file));
        assert.ok(recorded.length >= source.length - 1, `${recorded.length} of ${source.length} pictures`);
        assert.deepEqual(recorded, source.slice(0, recorded.length));
      });
    }
  }
});
