import { parseArgs } from 'node:util';
import { toHouseError } from '@porchlight/base/errors';
import { exitCodeOf, writeVerification } from './verdict.ts';
import { verify } from './verify.ts';

/** `porchlight verify`: exit code 0 proved, 1 broken, 2 bad use, 3 nothing wrong but not all proved. */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    args: process.argv.slice(2),
    allowPositionals: true,
    options: {
      house: { type: 'string' },
      heads: { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
    },
  });
  const [path] = positionals;
  if (path === undefined || positionals.length > 1) {
    process.stderr.write('Give one clip, manifest or folder: porchlight verify front-door.mp4\n');
    return 2;
  }
  const found = await verify({
    path,
    statements: values.heads,
    house: values.house?.replaceAll(':', '').toLowerCase(),
  });
  process.stdout.write(values.json ? `${JSON.stringify(found)}\n` : writeVerification(found));
  return exitCodeOf[found.verdict];
}

try {
  process.exitCode = await main();
} catch (thrown) {
  const error = toHouseError(thrown);
  process.stderr.write(`${[error.message, error.fix].filter((part) => part !== undefined).join('. ')}\n`);
  process.exitCode = 2;
}
