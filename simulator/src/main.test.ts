import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';

const entry = join(import.meta.dirname, 'main.ts');

test('the demo prints its two URLs, takes faults on its standard input and ends at SIGTERM', async () => {
  const child = spawn(process.execPath, [entry, '--demo', '--port', '0'], { stdio: ['pipe', 'pipe', 'pipe'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const urls = [(await lines.next()).value as string, (await lines.next()).value as string];
  assert.match(urls[0]!, /^rtsp:\/\/127\.0\.0\.1:\d+\/main$/);
  assert.match(urls[1]!, /^rtsp:\/\/127\.0\.0\.1:\d+\/sub$/);
  const errors = createInterface({ input: child.stderr })[Symbol.asyncIterator]();
  child.stdin.write('main drop=0.5,stall\nmain none\nmain whatever\nnobody stall\n');
  assert.match((await errors.next()).value as string, /Unknown fault or value: whatever/);
  assert.match((await errors.next()).value as string, /no stream nobody/);
  child.stdin.write('counts\n');
  assert.deepEqual(JSON.parse((await lines.next()).value as string), { main: 0, sub: 0 });
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});

test('bad use is one line that says what to do, with exit code 2', () => {
  for (const bad of [
    [],
    ['--file', 'no-such-film.mp4'],
    ['--demo', '--what'],
    ['--demo', '--user', 'me'],
    ['--demo', '--fault', 'rain', '--port', '0'],
    ['--file', entry],
  ]) {
    const { status, stderr } = spawnSync(process.execPath, [entry, ...bad], { encoding: 'utf8', timeout: 60_000 });
    assert.equal(status, 2, `${bad.join(' ')}: ${stderr}`);
    assert.match(stderr, /^[^\n]+\n$/, bad.join(' '));
  }
});
