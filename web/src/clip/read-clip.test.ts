import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokenOff, readBody, readHead } from './read-clip.ts';

const asked = { fromMs: 1_000, toMs: 9_000 };
const unsaid = { signal: new AbortController().signal, onBytes: () => undefined };

test('the true ends of a clip and why it ends early come from its headers', () => {
  const headers = {
    'Porchlight-From-Ms': '400',
    'Porchlight-To-Ms': '7000',
    'Porchlight-Ended-Because': 'format-changed',
  };
  assert.deepEqual(readHead(new Headers(headers), asked), {
    fromMs: 400,
    toMs: 7_000,
    endedBecause: 'format-changed',
  });
});

test('the span asked for stands in for headers that are missing or no numbers', () => {
  assert.deepEqual(readHead(new Headers({ 'Porchlight-From-Ms': 'soon' }), asked), asked);
});

test('a body is read whole, in order, and its growth is told', async () => {
  const pieces = Array.from({ length: 20 }, (_unused, index) => new Uint8Array(500_000).fill(index));
  const told: number[] = [];
  const response = new Response(ReadableStream.from<Uint8Array<ArrayBuffer>>(pieces));
  const clip = await readBody(response, { ...unsaid, onBytes: (received) => void told.push(received) });
  assert.equal(clip.type, 'video/mp4');
  const bytes = new Uint8Array(await clip.arrayBuffer());
  assert.deepEqual([bytes.length, bytes[499_999], bytes[500_000], bytes.at(-1)], [10_000_000, 0, 1, 19]);
  assert.deepEqual([told.length, told.at(-1)], [20, 10_000_000]);
});

test('a body that breaks off, or never begins, is a failure that says how much came', async () => {
  async function* breaking() {
    yield new Uint8Array(30_000);
    throw new TypeError('network error');
  }
  const broken = new Response(ReadableStream.from<Uint8Array<ArrayBuffer>>(breaking()));
  const after = (receivedBytes: number) => (thrown: unknown) =>
    thrown instanceof BrokenOff && thrown.receivedBytes === receivedBytes;
  await assert.rejects(readBody(broken, unsaid), after(30_000));
  await assert.rejects(readBody(new Response(''), unsaid), after(0));
});

test('a download that was called off ends with the reason of the one who did so', async () => {
  const leaving = new AbortController();
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      leaving.abort();
      controller.error(leaving.signal.reason);
    },
  });
  await assert.rejects(readBody(new Response(body), { ...unsaid, signal: leaving.signal }), { name: 'AbortError' });
});
