import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { needs, openTempFolder } from '@porchlight/base/testing';
import { curveSchema, indexSchema, recordSchema } from './plots/results.ts';

const root = join(import.meta.dirname, '..');

/** Runs a benchmark for a moment; its figures say nothing then, so a missed bar is no failure. Gives its result file. */
async function take(script: string, ...args: string[]): Promise<unknown> {
  using folder = openTempFolder();
  const json = join(folder.path, 'results', 'result.json');
  const command = ['--disable-warning=ExperimentalWarning', `bench/${script}`, ...args, '--json', json];
  const done = await promisify(execFile)(process.execPath, command, { cwd: root, timeout: 300_000 }).catch(
    (error: unknown) => error as { stdout: string; stderr: string },
  );
  try {
    return JSON.parse(readFileSync(json, 'utf8')) as unknown;
  } catch {
    throw new Error(`${script} wrote no result: ${done.stdout}${done.stderr}`);
  }
}

type Pictures = { sent: number; recorded: number; missingInside: number; seams: number };
const shortly = ['--seconds', '2', '--warm-up', '4', '--touch-mib', '1'];

describe('benchmarks', needs('ffmpeg'), () => {
  test('recording beside a peer writes what the plots read, counts every picture and leaves nothing behind', async () => {
    const result = await take('record.ts', '--cameras', '2', '--runs', '1', '--peers', 'ffmpeg', ...shortly);
    const { figures } = recordSchema.parse(result);
    assert.equal(figures.cameras, 2);
    assert.ok(figures.agent.cpuPercentPerCamera.median > 0 && figures.agent.pssMiB.median > 10);
    assert.deepEqual(
      figures.peers.map(({ peer, cameras }) => [peer, cameras]),
      [['ffmpeg', 10]],
    );
    const [pictures] = (result as { figures: { pictures: Pictures[] } }).figures.pictures;
    assert.ok(pictures!.recorded > 50 && pictures!.recorded <= pictures!.sent, JSON.stringify(pictures));
    assert.deepEqual([pictures!.missingInside, pictures!.seams], [0, 0]);
    const left = readdirSync(join(root, '.cache')).filter((name) => {
      const [, pid] = /^record-(\d+)-/.exec(name) ?? [];
      return pid !== undefined && !existsSync(`/proc/${pid}`);
    });
    assert.deepEqual(left, []);
  });

  test('the cost curve and the questions to the index write what the plots read', async () => {
    const { figures } = curveSchema.parse(await take('curve.ts', '--cameras', '1,2', ...shortly));
    assert.deepEqual(
      figures.points.map(({ cameras }) => cameras),
      [1, 2],
    );
    const index = indexSchema.parse(await take('index.ts', '--cameras', '2', '--days', '2', '--rounds', '3'));
    assert.equal(index.figures.rows, 5760);
  });
});
