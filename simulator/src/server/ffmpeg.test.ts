import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { systemClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { footagePath, needs, openTempFolder } from '@porchlight/base/testing';
import { openSimulator } from './index.ts';

/** Never waits in the way of the event loop: the simulator sends from it. */
const run = promisify(execFile);

/** Hashes of decoded pictures or samples, in output order. */
async function toHashes(path: string, stream: 'v' | 'a'): Promise<string[]> {
  const args = ['-v', 'error', '-i', path, '-map', `0:${stream}:0`, '-f', 'framemd5', '-'];
  const { stdout } = await run('ffmpeg', args, { maxBuffer: 1e8 });
  return stdout
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(',').at(-1)!.trim());
}

/** Plays the URL with ffmpeg for some seconds of stream time and stores one track as it came. */
async function record(
  url: string,
  path: string,
  options: { transport: string; map: string; seconds: number },
): Promise<void> {
  // A machine that is busy reads late.
  const transport = [
    '-rtsp_transport',
    options.transport,
    ...(options.transport === 'udp' ? ['-buffer_size', '4000000'] : []),
  ];
  const input = ['-v', 'error', ...transport, '-i', url, '-t', String(options.seconds)];
  await run('ffmpeg', [...input, '-map', options.map, '-c', 'copy', '-y', path], { timeout: 90_000 });
}

const credentials = { username: 'viewer', password: 'p w:1/ä' };
const withCredentials = (url: string): string =>
  url.replace('//', `//${credentials.username}:${encodeURIComponent(credentials.password)}@`);

const wanted = { ...needs('ffmpeg', 'footage'), concurrency: 8 }; // these wait for real time

describe('ffmpeg as the client of a simulated camera', wanted, () => {
  const cases = [
    { name: 'H.264 with B pictures', file: ['video', 'indoor-two-persons-one-by-one.mp4'], extension: 'h264' },
    { name: 'H.264 without B pictures', file: ['video', 'carpark-car-and-cyclist.mp4'], extension: 'h264' },
    { name: 'H.265', file: ['video', 'warehouse-worker-h265.mp4'], extension: 'hevc' },
  ];
  for (const { name, file, extension } of cases) {
    for (const transport of ['tcp', 'udp']) {
      test(`${name} over ${transport} decodes to the pictures of the file`, async () => {
        using folder = openTempFolder();
        const source = footagePath(...file);
        const simulator = await openSimulator({
          clock: systemClock,
          log: openFakeLog(),
          streams: { main: { path: source } },
          port: 0,
          credentials,
        });
        const copy = join(folder.path, `copy.${extension}`);
        await record(withCredentials(simulator.url('main')), copy, { transport, map: '0:v', seconds: 2 });
        await simulator.close();
        const pictures = await toHashes(copy, 'v');
        assert.ok(pictures.length >= 15, `${pictures.length} pictures`);
        // The copy is cut anywhere: the last pictures in output order may miss those they are predicted from.
        const whole = pictures.slice(0, -4);
        assert.deepEqual(whole, (await toHashes(source, 'v')).slice(0, whole.length));
      });
    }
  }

  test('AAC decodes to the samples of the file', async () => {
    using folder = openTempFolder();
    const source = footagePath('video', 'outdoor-person-and-dog.mp4');
    const original = join(folder.path, 'original.aac');
    await run('ffmpeg', ['-v', 'error', '-i', source, '-map', '0:a', '-c', 'copy', original]);
    const simulator = await openSimulator({
      clock: systemClock,
      log: openFakeLog(),
      streams: { main: { path: source } },
      port: 0,
      credentials,
      digest: 'both',
      qop: true,
    });
    const copy = join(folder.path, 'copy.aac');
    await record(withCredentials(simulator.url('main')), copy, { transport: 'tcp', map: '0:a', seconds: 2 });
    await simulator.close();
    const samples = await toHashes(copy, 'a');
    assert.ok(samples.length > 60, `${samples.length} frames`);
    assert.deepEqual(samples, (await toHashes(original, 'a')).slice(0, samples.length));
  });

  test('G.711 in QuickTime arrives byte for byte', async () => {
    using folder = openTempFolder();
    const source = join(folder.path, 'source.mov');
    const sine = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=8000:duration=5'];
    const video = ['-i', footagePath('video', 'carpark-car-and-cyclist.mp4')];
    const coding = ['-c:v', 'copy', '-c:a', 'pcm_mulaw', '-shortest'];
    await run('ffmpeg', ['-v', 'error', ...video, ...sine, ...coding, source]);
    const original = join(folder.path, 'original.ul');
    await run('ffmpeg', ['-v', 'error', '-i', source, '-map', '0:a', '-c', 'copy', '-f', 'mulaw', original]);
    const simulator = await openSimulator({
      clock: systemClock,
      log: openFakeLog(),
      streams: { main: { path: source } },
      port: 0,
    });
    const copy = join(folder.path, 'copy.wav');
    await record(simulator.url('main'), copy, { transport: 'tcp', map: '0:a', seconds: 2 });
    await simulator.close();
    const pcm = async (path: string, input: string[]): Promise<Buffer> => {
      const args = ['-v', 'error', ...input, '-i', path, '-f', 's16le', '-'];
      return (await run('ffmpeg', args, { maxBuffer: 1e8, encoding: 'buffer' })).stdout;
    };
    const got = await pcm(copy, []);
    assert.ok(got.length > 16_000, `${got.length} bytes`);
    const sent = await pcm(original, ['-f', 'mulaw', '-ar', '8000', '-ac', '1']);
    assert.ok(got.equals(sent.subarray(0, got.length)));
  });
});
