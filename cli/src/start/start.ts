import { systemClock } from '@porchlight/base/clock';
import { toHouseError } from '@porchlight/base/errors';
import { makeFolder } from '@porchlight/base/folder';
import { buildWeb, isWebBuildCurrent } from '../../../tools/build-web.ts';
import { openSupervisor } from '#supervisor';
import { parseStartOptions } from './start-options.ts';
import { UsageError } from './usage-error.ts';

export const startHelp = `porchlight start [options]   Record, watch and play back: hub, agent and page on this machine.

  --data DIR            where everything is kept (PORCHLIGHT_DATA, default ./data)
  --port N              page and API (PORCHLIGHT_PORT, default 8440; 0 lets the system choose)
  --host ADDRESS        address to listen on (PORCHLIGHT_HOST, default 127.0.0.1; anything else uses TLS)
  --camera NAME=SOURCE  make sure of a camera: an rtsp:// address or a video file; repeatable
  --no-demo             no demo camera, even when there is no other
  --log-level LEVEL     debug, info, warn (default), error, silent`;

/** Runs the house until a signal ends it. */
export async function start(args: readonly string[]): Promise<number> {
  const options = parseStartOptions(args, process.env, process.cwd());
  prepareFolder(options.dataFolder);
  preparePage();
  return new Promise((done) => {
    const supervisor = openSupervisor({
      ...options,
      clock: systemClock,
      onReady: printReady,
      onFailed(message) {
        process.stderr.write(`${message}\n`);
        done(2);
      },
    });
    const stop = (): void => void supervisor.close().then(() => done(0));
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
    process.on('SIGHUP', stop);
    // The launcher is gone without a word (kill -9): nobody is left to stop the house.
    process.on('disconnect', stop);
    // Listening keeps the channel open; it must not keep a house alive that has ended.
    process.channel?.unref();
  });
}

function prepareFolder(folder: string): void {
  try {
    makeFolder(folder);
  } catch (error) {
    throw new UsageError(toHouseError(error).message);
  }
}

function preparePage(): void {
  if (isWebBuildCurrent()) return;
  process.stdout.write('Building the web app, because its sources changed…\n');
  if (!buildWeb()) throw new UsageError('The web app could not be built: run npm ci, then start again.');
}

let readyBefore = false;
function printReady(ready: { url: string; setupUrl: string | undefined }): void {
  if (readyBefore) return;
  readyBefore = true;
  process.stdout.write(`Porchlight is ready: ${ready.url}\n`);
  if (ready.setupUrl !== undefined) {
    process.stdout.write(`First time here? Open this link once to make your account:\n  ${ready.setupUrl}\n`);
  }
  process.stdout.write('Ctrl-C stops it.\n');
}
