import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProgram } from '../program.ts';
import { buildProgram, goBuild } from './command.ts';
import type { Peer } from './peer.ts';

/** Everything but reading and recording is switched off; JSON is YAML too. */
export const mediamtx: Peer = {
  name: 'mediamtx',
  job: 'records: one process for all cameras, fragmented MP4, a file a minute',
  prepare: () => buildProgram(goBuild('mediamtx', 'github.com/bluenviron/mediamtx', ['--version'])),
  async start({ program, urls, folder }) {
    const config = join(folder, 'mediamtx.yml');
    const off = { rtsp: false, rtmp: false, hls: false, webrtc: false, srt: false, api: false, metrics: false };
    const recording = { record: true, recordFormat: 'fmp4', recordSegmentDuration: '60s', recordDeleteAfter: '0s' };
    const pathDefaults = { ...recording, recordPath: join(folder, '%path/%Y-%m-%d_%H-%M-%S-%f') };
    const paths = urls.map((source, index) => [`cam${index + 1}`, { source, rtspTransport: 'tcp' }] as const);
    writeFileSync(
      config,
      JSON.stringify({ logLevel: 'error', ...off, pathDefaults, paths: Object.fromEntries(paths) }),
    );
    const running = await startProgram(program, [config], { quiet: true });
    return { pids: () => [running.pid], stop: () => running.stop() };
  },
};
