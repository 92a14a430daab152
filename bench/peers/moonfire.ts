import { join } from 'node:path';
import { cacheFolder } from '../program.ts';
import { buildProgram } from './command.ts';
import type { Peer } from './peer.ts';

const folder = join(cacheFolder, 'cargo');
const build = {
  ...{ program: 'moonfire-nvr', version: ['--version'], made: join(folder, 'bin/moonfire-nvr') },
  ...{ command: 'cargo', args: ['install', '--locked', '--root', folder, 'moonfire-nvr'], env: {} },
};

/** Cameras of Moonfire are set up by hand in a terminal, so that nothing here can start it on a load. */
export const moonfire: Peer = {
  name: 'moonfire',
  job: 'records: one process for all cameras, its own sample files',
  async prepare() {
    const found = await buildProgram(build);
    if (found.kind === 'not-measured') return found;
    const command = `${found.program} config`;
    return { kind: 'not-measured', command, error: `${found.version} is there, but cameras are added by hand only` };
  },
  start: () => Promise.reject(new Error('Moonfire has no cameras')),
};
