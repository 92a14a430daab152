import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Camera } from '@porchlight/contract/camera';
import { emptyFields, toFields, toNewCamera, toPatch, toSource, toSuggestedName, toTestKey } from './source-values.ts';

const camera = {
  name: 'Door',
  url: 'rtsp://cam/1',
  subUrl: 'rtsp://cam/2',
  transport: 'auto',
  stallMs: 5_000,
} as Camera;

test('what is empty is left out of a test and of a new camera', () => {
  assert.deepEqual(toSource({ ...emptyFields, url: ' rtsp://cam/1 ' }), { url: 'rtsp://cam/1', transport: 'auto' });
  assert.deepEqual(toNewCamera({ ...emptyFields, url: '/a.mp4', name: ' Door ', stallSeconds: 2.5 }), {
    url: '/a.mp4',
    transport: 'auto',
    name: 'Door',
    stallMs: 2500,
  });
});

test('a password keeps its blanks', () => {
  assert.equal(toSource({ ...emptyFields, url: 'x', password: ' a ' }).password, ' a ');
});

test('a patch holds only what changed, and null takes a value away', () => {
  const fields = toFields(camera);
  assert.deepEqual(toPatch(camera, fields), {});
  assert.deepEqual(toPatch(camera, { ...fields, name: 'Gate', subUrl: '', stallSeconds: '' }), {
    name: 'Gate',
    subUrl: null,
    stallMs: null,
  });
});

test('changing the name does not make a test stale, changing the address does', () => {
  const fields = { ...emptyFields, url: 'rtsp://cam/1' };
  assert.equal(toTestKey({ ...fields, name: 'Other' }), toTestKey(fields));
  assert.notEqual(toTestKey({ ...fields, url: 'rtsp://cam/2' }), toTestKey(fields));
});

test('a name is suggested from a file or a host, never from credentials', () => {
  assert.equal(toSuggestedName('/videos/back-garden_2.mp4'), 'back garden 2');
  assert.equal(toSuggestedName('rtsp://user:secret@door.lan:554/x'), 'door.lan');
  assert.equal(toSuggestedName('nonsense'), '');
});
