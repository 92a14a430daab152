import { availableParallelism } from 'node:os';
import { isAbsolute, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readIceSettings } from '@porchlight/base/config';
import { toHouseError } from '@porchlight/base/errors';
import { UsageError } from './usage-error.ts';

export type StartOptions = {
  readonly dataFolder: string;
  readonly port: number;
  readonly host: string;
  readonly cameras: readonly { readonly name: string; readonly url: string }[];
  readonly demo: boolean;
  readonly logLevel: string;
};

const levels = ['debug', 'info', 'warn', 'error', 'silent'];

/** Options of `start` from arguments, then environment, then defaults. Throws `UsageError` in words. */
export function parseStartOptions(args: readonly string[], env: NodeJS.ProcessEnv, cwd: string): StartOptions {
  const values = parse(args);
  const port = Number(values.port ?? env['PORCHLIGHT_PORT'] ?? 8440);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new UsageError(`--port ${values.port}: give a number from 0 to 65535 (0 lets the system choose).`);
  }
  const logLevel = values['log-level'] ?? env['PORCHLIGHT_LOG_LEVEL'] ?? 'warn';
  if (!levels.includes(logLevel)) throw new UsageError(`--log-level ${logLevel}: give one of ${levels.join(', ')}.`);
  checkIceSettings(env);
  const cameras = (values.camera ?? []).map((text) => parseCamera(text, cwd));
  return {
    dataFolder: resolve(cwd, values.data ?? env['PORCHLIGHT_DATA'] ?? 'data'),
    port,
    host: values.host ?? env['PORCHLIGHT_HOST'] ?? '127.0.0.1',
    cameras,
    demo: !values['no-demo'] && cameras.length === 0,
    logLevel,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        data: { type: 'string' },
        port: { type: 'string' },
        host: { type: 'string' },
        camera: { type: 'string', multiple: true },
        'no-demo': { type: 'boolean' },
        'log-level': { type: 'string' },
      },
    }).values;
  } catch (error) {
    const message = error instanceof Error ? error.message.split('. ')[0] : String(error);
    throw new UsageError(`${message}. See: npx porchlight --help`);
  }
}

/** The agent reads them; here they are refused before anything runs. */
function checkIceSettings(env: NodeJS.ProcessEnv): void {
  try {
    readIceSettings(env, { shard: 0, shards: availableParallelism() });
  } catch (error) {
    throw new UsageError(toHouseError(error).message);
  }
}

function parseCamera(text: string, cwd: string): { name: string; url: string } {
  const at = text.indexOf('=');
  const name = text.slice(0, Math.max(at, 0)).trim();
  const url = text.slice(at + 1).trim();
  if (at < 1 || name === '' || url === '') {
    throw new UsageError(`--camera: give NAME=URL_OR_FILE, such as door=rtsp://192.168.1.20/stream1 or yard=clip.mp4.`);
  }
  const isUrl = /^[a-z][a-z0-9+.-]+:/i.test(url) && !/^[a-z]:[\\/]/i.test(url);
  return { name, url: isUrl || isAbsolute(url) ? url : resolve(cwd, url) };
}
