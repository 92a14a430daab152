/** Sub-commands. In: arguments. Out: an exit code. Promises: bad use is one line that says what to do, and code 2. */
export { commandHelp, runCommand } from './command.ts';
