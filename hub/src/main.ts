import { systemClock } from '@porchlight/base/clock';
import { options, parseOptions } from '@porchlight/base/config';
import { toHouseError } from '@porchlight/base/errors';
import { openLog } from '@porchlight/base/log';
import { openShutdown } from '@porchlight/base/shutdown';
import { openHub } from '#house';

/** The hub's process: parse options, open the house, say that it is ready, end in order. */
const optionTable = {
  data: options.path(),
  host: options.text('127.0.0.1'),
  port: options.port(8440),
  'agent-socket': options.text(),
  web: options.optionalPath(),
  level: options.level(),
};
const closeMs = 2000;

const tell = (message: object): void => void process.send?.(message, undefined, undefined, () => undefined);

/** One line that says what to do, to whoever started us; exit code 2 means that starting again will not help. */
function fail(thrown: unknown): void {
  const error = toHouseError(thrown);
  const exit = (): void => process.exit(error.kind === 'internal' ? 1 : 2);
  if (process.send) process.send({ kind: 'failed', message: error.message }, undefined, undefined, exit);
  else process.stderr.write(`${error.message}\n`, exit);
}

async function main(): Promise<void> {
  process.umask(0o077);
  const given = parseOptions(process.argv.slice(2), optionTable);
  const log = openLog({ name: 'hub', level: given.level });
  const shutdown = openShutdown({ clock: systemClock, log, graceMs: closeMs, process });
  process.on('unhandledRejection', (error) => log.error('unhandled rejection', { error }));
  const hub = await openHub({ ...given, agentSocket: given['agent-socket'], clock: systemClock, log });
  shutdown.add('hub', () => hub.close());
  process.on('message', (message) => {
    void hub.takeMessage(message).then((answer) => answer && tell(answer));
  });
  tell({ kind: 'ready', url: hub.url, setupUrl: hub.setupUrl, brokerUrl: hub.brokerUrl });
  if (!process.send) process.stdout.write(`${hub.setupUrl ?? hub.url}\n`);
}

main().catch(fail);
