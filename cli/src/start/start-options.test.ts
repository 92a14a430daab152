import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseStartOptions, UsageError } from './index.ts';

const parse = (...args: string[]) => parseStartOptions(args, {}, '/srv');

test('without options the data folder is ./data, the port 8440, the address loopback, and the demo runs', () => {
  assert.deepEqual(parse(), {
    dataFolder: '/srv/data',
    port: 8440,
    host: '127.0.0.1',
    cameras: [],
    demo: true,
    logLevel: 'warn',
  });
});

test('options win over the environment', () => {
  const options = parseStartOptions(
    ['--data', 'x', '--port', '0'],
    { PORCHLIGHT_DATA: '/y', PORCHLIGHT_PORT: '1' },
    '/srv',
  );
  assert.equal(options.dataFolder, '/srv/x');
  assert.equal(options.port, 0);
  assert.equal(parseStartOptions([], { PORCHLIGHT_DATA: '/y' }, '/srv').dataFolder, '/y');
});

test('a camera is NAME=URL_OR_FILE: the name may hold spaces, the address equal signs, a file is taken from here', () => {
  assert.deepEqual(parse('--camera', 'Front door=rtsp://h/x?a=b', '--camera', 'yard=clip.mp4').cameras, [
    { name: 'Front door', url: 'rtsp://h/x?a=b' },
    { name: 'yard', url: '/srv/clip.mp4' },
  ]);
  assert.equal(parse('--camera', 'a=b.mp4').demo, false);
});

test('bad options are refused in one line that says what to do', () => {
  for (const args of [
    ['--port', 'x'],
    ['--port', '70000'],
    ['--camera', 'nothing'],
    ['--what'],
    ['--log-level', 'loud'],
    ['--data'],
  ]) {
    assert.throws(
      () => parse(...args),
      (error: unknown) => error instanceof UsageError && !error.message.includes('\n') && error.message.length > 20,
      args.join(' '),
    );
  }
});

test('WebRTC settings that cannot be are refused in one line before anything runs', () => {
  for (const env of [{ PORCHLIGHT_ICE_ADDRESSES: 'home' }, { PORCHLIGHT_ICE_PORTS: '1-2' }]) {
    assert.throws(
      () => parseStartOptions([], env, '/srv'),
      (error: unknown) => error instanceof UsageError && /^PORCHLIGHT_ICE_[^\n]*: write /.test(error.message),
    );
  }
});
