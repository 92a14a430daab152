import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { systemClock } from '@porchlight/base/clock';
import { footagePath, needs, openTempFolder } from '@porchlight/base/testing';
import { recordingsSchema, type Recordings } from '@porchlight/contract/recordings';

const entry = join(import.meta.dirname, 'main.ts');

/** As a module that Node loads first, in every thread: the wall clock is behind by so much. */
const setBack = (ms: number): string => `data:text/javascript,const now=Date.now;Date.now=()=>now()-${ms}`;

/** An agent process without a hub that records one file; its clock is behind by `backMs`. */
function openAgent(folder: string, backMs = 0) {
  const socket = join(folder, 'agent.sock');
  const cameras = join(folder, 'cameras.json');
  writeFileSync(
    cameras,
    JSON.stringify([{ id: 'clip', url: footagePath('video', 'indoor-two-persons-one-by-one.mp4') }]),
  );
  const args = [
    '--data',
    join(folder, 'data'),
    '--archive',
    join(folder, 'archive'),
    '--socket',
    socket,
    '--level',
    'error',
  ];
  const child = fork(entry, [...args, '--cameras', cameras], {
    execArgv: ['--disable-warning=ExperimentalWarning', '--import', setBack(backMs)],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const get = async (path: string): Promise<string> => {
    const asked = request({ socketPath: socket, path }).end();
    const [response] = (await once(asked, 'response')) as [AsyncIterable<Buffer>];
    let text = '';
    for await (const chunk of response) text += chunk.toString();
    return text;
  };
  const recordings = async (): Promise<Recordings> => {
    const nowMs = systemClock.nowMs();
    const span = `from=${nowMs - 600_000}&to=${nowMs + 1000}`;
    return recordingsSchema.parse(JSON.parse(await get(`/api/cameras/clip/recordings?${span}`)));
  };
  return {
    child,
    get,
    recordings,
    ready: once(child, 'message'),
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
    /** Waits for an answer that footage ends at most so long ago; gives that end. A slow machine may take some tries. */
    async upToDate(lateMs: number): Promise<number> {
      for (;;) {
        const { toMs } = (await recordings()).spans.at(-1)!;
        if (systemClock.nowMs() - toMs <= lateMs) return toMs;
        await systemClock.sleep(5);
      }
    },
    /** Waits until footage has grown to this length. */
    async recorded(durationMs: number): Promise<Recordings> {
      for (;;) {
        const found = await recordings();
        const last = found.spans.at(-1);
        if (last?.open && last.toMs - last.fromMs >= durationMs) return found;
        await systemClock.sleep(50);
      }
    },
  };
}

/** Restarts an agent with its clock set back; false when it was past the first one's footage by its first picture all the same. */
async function restartBehind(backMs: number): Promise<boolean> {
  using folder = openTempFolder();
  using first = openAgent(folder.path);
  await first.ready;
  const before = (await first.recorded(1500)).spans.at(-1)!;
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');

  using second = openAgent(folder.path, backMs);
  await second.ready;
  const [old, ...spans] = (await second.recorded(3000)).spans;
  if (systemClock.nowMs() - 3000 - backMs >= old!.toMs) return false;
  assert.equal(old!.fromMs, before.fromMs);
  assert.equal(spans.length, 1);
  assert.ok(spans[0]!.fromMs >= old!.toMs, `${old!.toMs - spans[0]!.fromMs} ms overlap`);
  assert.ok(spans[0]!.fromMs - old!.toMs < 250, 'and no hole between, as nobody knows how long it was');
  second.child.kill('SIGTERM');
  await once(second.child, 'exit');
  const files = readdirSync(join(folder.path, 'archive/clip/main'), { recursive: true }).filter((name) =>
    String(name).endsWith('.mp4'),
  );
  assert.ok(files.length >= 2, `${files.length} files`);
  return true;
}

describe('the agent process', needs('footage'), () => {
  test('it records at once, ends cleanly on SIGTERM within 5 s, and goes on after a kill with at most a second lost', async () => {
    using folder = openTempFolder();
    using first = openAgent(folder.path);
    assert.deepEqual((await first.ready)[0], { kind: 'ready' });
    await first.recorded(1500);
    assert.match(await first.get('/metrics'), /^porchlight_stream_recording\{camera="clip",stream="main"\} 1$/m);
    const askedMs = systemClock.monotonicMs();
    first.child.kill('SIGTERM');
    assert.deepEqual(await once(first.child, 'exit'), [0, null]);
    assert.ok(systemClock.monotonicMs() - askedMs < 20_000); // the rest is a slow machine's

    using second = openAgent(folder.path);
    await second.ready;
    const before = await second.recorded(1500);
    assert.equal(before.spans.length, 2);
    assert.equal(before.gaps.at(-1)!.reason, 'agent-down');
    const told = await second.upToDate(1000);
    second.child.kill('SIGKILL');
    await once(second.child, 'exit');

    using third = openAgent(folder.path);
    await third.ready;
    const after = await third.recorded(500);
    assert.equal(after.spans.length, 3);
    assert.ok(after.spans[1]!.toMs >= told, `lost ${told - after.spans[1]!.toMs} ms of what was told as recorded`);
    third.child.kill('SIGTERM');
    await once(third.child, 'exit');
  });

  test('a clock set back while the agent was down gives no time twice: footage follows what was recorded', async () => {
    // Where the second start takes longer than the clock is behind there is nothing to see; a slow machine may need some tries.
    let wasBehind = false;
    for (let tries = 0; tries < 5 && !wasBehind; tries++) wasBehind = await restartBehind(15_000);
    assert.ok(wasBehind, 'the second agent never started within 15 s');
  });

  test('two agents never share a folder', async () => {
    using folder = openTempFolder();
    using first = openAgent(folder.path);
    await first.ready;
    using second = openAgent(folder.path);
    assert.deepEqual(await once(second.child, 'exit'), [2, null]);
    first.child.disconnect();
    assert.deepEqual(await once(first.child, 'exit'), [0, null]);
  });
});

test('a bad WebRTC setting is one line that says what to do, and exit code 2', async () => {
  using folder = openTempFolder();
  const args = ['--data', folder.path, '--archive', folder.path, '--socket', join(folder.path, 'agent.sock')];
  const child = fork(entry, args, {
    env: { ...process.env, PORCHLIGHT_ICE_PORTS: '50000' },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const [words, ended] = await Promise.all([text(child.stderr!), once(child, 'exit')]);
  assert.match(words, /^PORCHLIGHT_ICE_PORTS: "50000" is no range of ports: write a range such as [^\n]*\.\n$/);
  assert.deepEqual(ended, [2, null]);
});
