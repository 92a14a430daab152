/** The `porchlight` command: a table of contents. Exit codes: 0 done, 1 failed, 2 bad use with one line that says what to do. */
import { runCommand } from '#command';

process.exitCode = await runCommand(process.argv.slice(2));
