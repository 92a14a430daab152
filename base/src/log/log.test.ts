import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openFakeClock } from '#clock';
import { openLog, type Log, type LogLevel } from './index.ts';

function open(level: LogLevel = 'info') {
  const clock = openFakeClock();
  const lines: string[] = [];
  const log = openLog({ name: 'test', level, clock, destination: { write: (line) => lines.push(line) } });
  const messages = (): unknown[] => lines.map((line) => (JSON.parse(line) as { msg: unknown }).msg);
  return { clock, lines, log, messages };
}

/** Everything a log can be given, in one line each. */
function sayAll(log: Log, text: string): void {
  log.info(text);
  log.warn('a field', { what: text });
  log.error('an error', { error: new Error(text, { cause: new Error(text) }) });
  log.info('deep', { list: [{ inner: text }], map: new Map([['key', text]]), set: { url: text } });
  log.child({ address: text }).info('a child');
}

const secret = fc
  .stringMatching(/^[A-Za-z0-9._~+-]{8,24}$/)
  .map((text) => `S3${text}T`)
  .filter((text) => !/^S3(.)\1+T$/.test(text));

test('property: no secret in an address, header, token or field ever comes out, wherever it stands', () => {
  const user = fc.stringMatching(/^[a-z]{1,8}$/);
  const wrapped = fc
    .record({ secret, user, at: fc.nat({ max: 14 }), before: fc.lorem({ maxCount: 3 }) })
    .map(({ secret: word, user: name, at, before }) => {
      const forms = [
        `rtsp://${name}:${word}@192.168.1.7:554/stream1`,
        `rtsps://${name}:p@${word}@camera.local/live?x=1`,
        `http://${word}@host/`,
        `Authorization: Bearer ${word}.x`,
        `authorization: Basic ${Buffer.from(`${name}:${word}`).toString('base64')} ${word}`,
        `Authorization: Digest username="${name}", response="${word}", uri="rtsp://h/"`,
        `{"password":"${word}","user":"${name}"}`,
        `{"sealingToken": "a \\" ${word}"}`,
        `/stream?user=${name}&password=${word}&channel=1`,
        `/user=${name}_password=${word}_channel=1.sdp`,
        `token=${word}`,
        `Cookie: session=${word}; theme=dark`,
        `set-cookie: porchlight.session_token=${word}; Path=/`,
        `refused eyJ${word}.eyJ${word}.${word}`,
        `-----BEGIN PRIVATE KEY-----\n${word}\n-----END PRIVATE KEY-----`,
      ];
      return { word, text: `${before} ${forms[at]!}` };
    });
  fc.assert(
    fc.property(wrapped, ({ word, text }) => {
      const { log, lines } = open();
      sayAll(log, text);
      assert.equal(lines.length, 5);
      for (const line of lines) assert.ok(!line.includes(word), `${text}\n${line}`);
    }),
    { numRuns: 400 },
  );
});

test('property: fields with telling names are masked at any depth, others are left alone', () => {
  const name = fc.constantFrom(
    ...['password', 'cameraPassword', 'Authorization', 'setup_token', 'cookie', 'clientSecret', 'privateKey', 'sid'],
  );
  fc.assert(
    fc.property(name, secret, fc.nat({ max: 4 }), (field, word, depth) => {
      const { log, lines } = open();
      let value: unknown = { [field]: word, plain: 'porch' };
      for (let level = 0; level < depth; level++) value = { inner: value };
      log.info('x', { value });
      assert.ok(!lines[0]!.includes(word));
      assert.ok(lines[0]!.includes('porch'));
    }),
  );
});

test('what is no secret stays as it was', () => {
  const { log, lines } = open();
  const text = 'The camera at 192.168.1.7:554 broke the connection (rtsp://192.168.1.7/stream1, 25 fps).';
  log.warn(text, { camera: 'front-door', lastedMs: 12, path: 'front/main/2026-11-20/08.mp4', tokens: undefined });
  const { msg, camera, lastedMs, path } = JSON.parse(lines[0]!) as Record<string, unknown>;
  assert.deepEqual([msg, camera, lastedMs, path], [text, 'front-door', 12, 'front/main/2026-11-20/08.mp4']);
});

test('property: any value can be logged, circles and depths too, and the value is not changed', () => {
  fc.assert(
    fc.property(
      fc.object({ maxDepth: 8, withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
      (value) => {
        const { log, lines } = open();
        const before = structuredClone(value);
        log.info('x', { value });
        assert.equal(lines.length, 1);
        assert.deepEqual(structuredClone(value), before);
      },
    ),
    { numRuns: 300 },
  );
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  const { log, lines } = open();
  log.info('x', { circle, bytes: new Uint8Array(1e6), call: () => 1 });
  assert.ok(lines[0]!.length < 500);
});

test('trouble that comes again is told once, then how often, hour by hour, until it stops', async () => {
  const { log, clock, messages, lines } = open('warn');
  const camera = log.child({ camera: 'front' });
  for (let minute = 0; minute < 90; minute++) {
    camera.warn('The camera sends nothing', { reason: 'unreachable', atMs: clock.nowMs() });
    await clock.advance(60_000);
  }
  assert.deepEqual(messages(), [
    'The camera sends nothing',
    'The camera sends nothing (… and 59 more in the last hour)',
  ]);
  await clock.advance(3 * 3_600_000);
  assert.equal(lines.length, 3, 'a last summary, then silence');
  assert.match(String(messages()[2]), /and 30 more/);
  assert.equal(clock.pendingTimers, 0);
  camera.warn('The camera sends nothing', { reason: 'unreachable' });
  assert.equal(lines.length, 4, 'news again');
});

test('other cameras, other reasons and other words are other trouble; files of one folder are one', () => {
  const { log, lines } = open('warn');
  for (const camera of ['a', 'b']) {
    for (const reason of ['stalled', 'unreachable']) log.warn('nothing', { camera, reason });
  }
  assert.equal(lines.length, 4);
  for (const file of ['1.mp4', '2.mp4']) log.warn('Could not write', { path: `a/main/2026-11-20/${file}` });
  assert.equal(lines.length, 5);
});

test('at debug every line is said, and below the level nothing is', () => {
  const loud = open('debug');
  for (let time = 0; time < 3; time++) loud.log.warn('again');
  assert.equal(loud.lines.length, 3);
  const silent = open('silent');
  sayAll(silent.log, 'x');
  assert.equal(silent.lines.length, 0);
});

test('a flood of different lines is bounded in memory and no count is lost', async () => {
  const { log, clock, lines } = open('warn');
  for (let index = 0; index < 2000; index++) {
    log.warn(`trouble ${index}`);
    log.warn(`trouble ${index}`);
  }
  await clock.advance(2 * 3_600_000);
  const summaries = lines.filter((line) => line.includes('and 1 more'));
  assert.deepEqual([lines.length, summaries.length], [4000, 2000]);
});
