import { UsageError, start, startHelp } from '#start';
import { addCamera, addHelp } from './add.ts';
import { exportSpan, exportHelp } from './export.ts';
import {
  agentHelp,
  fsckHelp,
  runAgent,
  runFsck,
  runSimulator,
  runVerify,
  simulateHelp,
  verifyHelp,
} from './program.ts';
import { triggerEvent, triggerHelp } from './trigger.ts';

type Command = { readonly help: string; run(args: readonly string[]): Promise<number> };

const commands: Readonly<Record<string, Command>> = {
  start: { help: startHelp, run: start },
  agent: { help: agentHelp, run: runAgent },
  simulate: { help: simulateHelp, run: runSimulator },
  add: { help: addHelp, run: addCamera },
  trigger: { help: triggerHelp, run: triggerEvent },
  export: { help: exportHelp, run: exportSpan },
  verify: { help: verifyHelp, run: runVerify },
  fsck: { help: fsckHelp, run: runFsck },
};

export const commandHelp = `Porchlight: video surveillance that people own.

${Object.values(commands)
  .map((command) => command.help)
  .join('\n\n')}

Every command takes --help. Exit codes: 0 done, 1 failed, 2 bad use.
`;

/** Runs one sub-command and gives its exit code. */
export async function runCommand(args: readonly string[]): Promise<number> {
  const [name = '--help', ...rest] = args;
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(commandHelp);
    return 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  try {
    if (!command) throw new UsageError(`There is no command "${name}". See: npx porchlight --help`);
    if (rest.includes('--help') || rest.includes('-h')) {
      process.stdout.write(`${command.help}\n`);
      return 0;
    }
    return await command.run(rest);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return isBadUse(error) ? 2 : 1;
  }
}

function isBadUse(error: unknown): boolean {
  if (error instanceof UsageError) return true;
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}
