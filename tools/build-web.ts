/**
 * Builds the web app into web/dist and stamps it with a hash of its sources, so that `start` can tell whether it is current.
 * `--if-stale` builds only on mismatch. Runs as the root `prepare` script, so `npm ci` leaves a ready page.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const stampFile = join(root, 'web/dist/stamp.json');
const sources = [
  'web/src/**/*',
  'web/public/**/*',
  'web/*.{html,ts,json,cjs}',
  'contract/src/**/*.ts',
  'media/src/**/*.ts',
];

/** SHA-256 over the names and bytes of everything that goes into the page, tests aside. */
export function hashWebSources(): string {
  const hash = createHash('sha256');
  const files = globSync(sources, { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  for (const file of files) hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

/** Whether web/dist was built from the sources as they are. */
export function isWebBuildCurrent(): boolean {
  if (!existsSync(stampFile)) return false;
  try {
    const stamp = JSON.parse(readFileSync(stampFile, 'utf8')) as { sources?: string };
    return stamp.sources === hashWebSources();
  } catch {
    return false;
  }
}

/** Builds now; returns false when the build failed or the build tool is not installed. Output goes to standard error. */
export function buildWeb(): boolean {
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  if (!existsSync(vite)) return false;
  const build = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
    cwd: join(root, 'web'),
    stdio: ['ignore', 2, 2],
  });
  if (build.status !== 0) return false;
  writeFileSync(stampFile, `${JSON.stringify({ sources: hashWebSources() })}\n`);
  return true;
}

if (process.argv[1] === import.meta.filename) {
  const stale = !process.argv.includes('--if-stale') || !isWebBuildCurrent();
  if (stale && !buildWeb()) {
    process.stderr.write('The web app could not be built (is vite installed? npm ci brings it).\n');
    process.exit(1);
  }
}
