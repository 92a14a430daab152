import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sleep } from '../measure.ts';
import { startProgram } from '../program.ts';
import { buildProgram, findPort, goBuild } from './command.ts';
import type { Peer } from './peer.ts';

const startLimitMs = 10_000;

/** Records nothing itself: it makes fragmented MP4 of each camera for a reader, here one that counts and throws away. */
export const go2rtc: Peer = {
  name: 'go2rtc',
  job: 'does not record; relays each camera as fragmented MP4 over HTTP, one process for all',
  prepare: () => buildProgram(goBuild('go2rtc', 'github.com/AlexxIT/go2rtc', ['--version'])),
  async start({ program, urls, folder }) {
    const port = await findPort();
    const config = join(folder, 'go2rtc.yaml');
    const streams = Object.fromEntries(urls.map((url, index) => [`cam${index + 1}`, url]));
    const off = { rtsp: { listen: '' }, webrtc: { listen: '' }, srtp: { listen: '' } };
    const api = { listen: `127.0.0.1:${port}` };
    writeFileSync(config, JSON.stringify({ log: { level: 'error' }, api, ...off, streams }));
    const running = await startProgram(program, ['-config', config], { quiet: true });
    const stopping = new AbortController();
    let bytes = 0;
    const read = async (name: string): Promise<void> => {
      const answer = await fetch(`http://127.0.0.1:${port}/api/stream.mp4?src=${name}`, { signal: stopping.signal });
      for await (const chunk of answer.body!) bytes += (chunk as Uint8Array).length;
    };
    for (let waitedMs = 0; waitedMs < startLimitMs; waitedMs += 100) {
      if (await fetch(`http://127.0.0.1:${port}/api`).catch(() => undefined)) break;
      await sleep(100);
    }
    // A stream that ends is missed in the bytes.
    for (const name of Object.keys(streams)) void read(name).catch(() => undefined);
    return {
      pids: () => [running.pid],
      bytes: () => bytes,
      stop: () => (stopping.abort(), running.stop()),
    };
  },
};
