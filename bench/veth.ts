/** House and browser as two machines: a network namespace for the browser, joined by a veth pair. Linux, root, iproute2. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './measure.ts';

export const houseAddress = '10.77.0.1';
export const browserAddress = '10.77.0.2';
const namespace = 'plb';

const ip = (line: string): void => void execFileSync('ip', line.split(' '), { stdio: ['ignore', 'ignore', 'inherit'] });
const remove = (): void => {
  spawnSync('ip', ['link', 'del', 'plb-house'], { stdio: 'ignore' });
  spawnSync('ip', ['netns', 'del', namespace], { stdio: 'ignore' });
};

/** Makes the pair and removes it when this process ends. The answer is a program that runs Chromium on the far side. */
export function openVethPair(): { readonly chromium: string } {
  remove();
  process.on('exit', remove);
  for (const line of [
    `netns add ${namespace}`,
    `link add plb-house type veth peer name plb-browser netns ${namespace}`,
    `addr add ${houseAddress}/24 dev plb-house`,
    'link set plb-house up',
    `-n ${namespace} addr add ${browserAddress}/24 dev plb-browser`,
    `-n ${namespace} link set plb-browser up`,
    `-n ${namespace} link set lo up`,
  ])
    ip(line);
  mkdirSync(cacheFolder, { recursive: true });
  const chromium = join(cacheFolder, 'chromium-far-side');
  writeFileSync(chromium, `#!/bin/sh\nexec ip netns exec ${namespace} /usr/bin/chromium "$@"\n`, { mode: 0o755 });
  return { chromium };
}
