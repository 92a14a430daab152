import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Starts simulated cameras in a process of their own, which ends with this one; resolves when they can be called. */
export async function openCameras(
  count: number,
  { mbitPerSecond, port = 0 }: { readonly mbitPerSecond?: number; readonly port?: number } = {},
): Promise<{ child: ChildProcess; base: string }> {
  const size = mbitPerSecond === undefined ? [] : [String(mbitPerSecond), String(port)];
  const child = fork(join(import.meta.dirname, 'cameras.ts'), [String(count), ...size], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  process.once('exit', () => child.kill());
  const [message] = (await once(child, 'message')) as [{ base: string }];
  return { child, base: message.base };
}
