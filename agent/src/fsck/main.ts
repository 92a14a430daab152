import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openDiskVolume, type VolumePlace } from '#volume';
import { systemClock as clock } from '@porchlight/base/clock';
import { HouseError, toHouseError } from '@porchlight/base/errors';
import { openLog } from '@porchlight/base/log';
import { mainVolume, storageConfigSchema } from '@porchlight/contract/storage';
import { fsck } from './fsck.ts';
import { isClean, writeReport } from './report.ts';

/** `porchlight fsck`: exit code 0 all agrees (or does after repair), 1 it does not, 2 bad use. */
const names = {
  data: { type: 'string' },
  archive: { type: 'string' },
  repair: { type: 'boolean', default: false },
  'rebuild-index': { type: 'boolean', default: false },
  deep: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

async function main(): Promise<number> {
  process.umask(0o077);
  const { values } = parseArgs({ args: process.argv.slice(2), options: names });
  const data = resolve(values.data ?? process.env['PORCHLIGHT_DATA'] ?? 'data');
  const folder = join(data, 'agent');
  const archive = resolve(values.archive ?? join(data, 'archive'));
  if (!existsSync(folder)) {
    throw new HouseError('not-found', `There is no house in ${data}`, { fix: 'Name it with --data DIR.' });
  }
  const places = listPlaces(folder, archive);
  const result = await fsck({
    ...{ folder, clock, log: openLog({ name: 'fsck', level: values.json ? 'silent' : 'warn' }), deep: values.deep },
    volumes: { list: () => places },
    what: values['rebuild-index'] ? 'rebuild-index' : values.repair ? 'repair' : 'look',
  });
  const { found, left, rebuilt } = result;
  if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else {
    if (found !== undefined) process.stdout.write(writeReport(found));
    if (rebuilt !== undefined) process.stdout.write(writeRebuilt(rebuilt));
    if (left !== undefined) process.stdout.write(`\nAfter repair:\n${writeReport(left)}`);
    else if (found !== undefined && !isClean(found)) {
      process.stdout.write('Nothing was changed. npx porchlight fsck --repair makes files and index agree.\n');
    }
  }
  const last = left ?? found;
  return last !== undefined && isClean(last) && (rebuilt?.chain.length ?? 0) === 0 ? 0 : 1;
}

function writeRebuilt({ restored, chain }: { restored: number; chain: readonly string[] }): string {
  const lines = [`${restored} recordings were restored with all that their facts say.`];
  return `${[...lines, ...chain.map((text) => `The record does not hold: ${text}.`)].join('\n')}\n`;
}

/** The folder that the agent was started with, and those that its stored configuration names. */
function listPlaces(folder: string, archive: string): VolumePlace[] {
  const place = (id: string, path: string): VolumePlace => {
    const there = existsSync(path);
    // One that is not there is never touched; its place in the list says so.
    return { id, volume: openDiskVolume(there ? path : folder), state: there ? 'ok' : 'missing', sinceMs: 0 };
  };
  const others = readVolumes(join(folder, 'desired.json')).filter(({ id }) => id !== mainVolume);
  return [place(mainVolume, archive), ...others.map(({ id, path }) => place(id, path))];
}

function readVolumes(path: string): { id: string; path: string }[] {
  if (!existsSync(path)) return [];
  try {
    const desired = JSON.parse(readFileSync(path, 'utf8')) as { storage?: unknown };
    const storage = storageConfigSchema.safeParse(desired.storage);
    return (storage.data?.volumes ?? []).flatMap(({ id, folder }) =>
      folder === undefined ? [] : [{ id, path: folder }],
    );
  } catch {
    return [];
  }
}

try {
  process.exitCode = await main();
} catch (thrown) {
  const error = toHouseError(thrown);
  const badUse = error.kind !== 'internal' || String((thrown as { code?: string }).code).startsWith('ERR_PARSE_ARGS');
  process.stderr.write(`${[error.message, error.fix].filter((part) => part !== undefined).join('. ')}\n`);
  process.exitCode = badUse ? 2 : 1;
}
