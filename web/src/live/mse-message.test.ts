import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMseMessage } from './mse-message.ts';

test('a tracks message gives codecs and the meeting of media and wall time', () => {
  assert.deepEqual(parseMseMessage('{"kind":"tracks","codecs":"avc1.64001f","wallMs":5,"mediaMs":0,"widthPx":1}'), {
    kind: 'tracks',
    codecs: 'avc1.64001f',
    wallMs: 5,
    mediaMs: 0,
  });
});

test('an end message gives its reason', () => {
  assert.deepEqual(parseMseMessage('{"kind":"end","reason":"too-many-viewers","message":"…"}'), {
    kind: 'end',
    reason: 'too-many-viewers',
  });
});

test('anything else is no message', () => {
  for (const text of ['', 'null', '1', '[]', '{', '{"kind":"tracks"}', '{"kind":"else"}'])
    assert.equal(parseMseMessage(text), undefined, text);
});

test('a live message says that what follows is new', () => {
  assert.deepEqual(parseMseMessage('{"kind":"live"}'), { kind: 'live' });
});
