import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CameraState } from '@porchlight/contract/camera';
import { takeCertificate } from './take-certificate.ts';

/** A house whose hub says at once that the camera is paused, and whose agent says so after some answers. */
function openHouse(saysAfter: number) {
  const calls: string[] = [];
  let answers = 0;
  return {
    calls,
    house: {
      setPaused: (paused: boolean) => Promise.resolve(calls.push(paused ? 'pause' : 'resume')),
      read: () => {
        answers++;
        const own = answers > saysAfter;
        const state: CameraState = { status: 'paused', sinceMs: own ? 500 : 1000 + answers };
        calls.push(own ? 'agent' : 'hub');
        return Promise.resolve({ state });
      },
      wait: () => Promise.resolve(),
    },
  };
}

test('the camera is started again only after the machine that records has said that it is paused', async () => {
  const { house, calls } = openHouse(3);
  assert.equal(await takeCertificate(house), true);
  assert.deepEqual(calls, ['pause', 'hub', 'hub', 'hub', 'agent', 'agent', 'resume']);
});

test('a machine that never says so leaves everything as it was', async () => {
  const { house, calls } = openHouse(Infinity);
  assert.equal(await takeCertificate(house), false);
  assert.equal(calls.at(-1), 'resume');
});

test('when the house cannot be asked the camera is started again all the same', async () => {
  const { house, calls } = openHouse(0);
  const away = { ...house, read: () => Promise.reject(new Error('away')) };
  await assert.rejects(takeCertificate(away), /away/);
  assert.deepEqual(calls, ['pause', 'resume']);
});
