import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HouseError } from '#errors';
import { readIceSettings } from './ice-settings.ts';

describe('ICE settings', () => {
  it('are empty without environment', () => {
    assert.deepEqual(readIceSettings({}), { addresses: [] });
  });

  it('give every shard its own ports', () => {
    const env = { PORCHLIGHT_ICE_ADDRESSES: ' 203.0.113.7, 127.0.0.1 ', PORCHLIGHT_ICE_PORTS: '50000-50009' };
    const shares = [0, 1, 2].map((shard) => readIceSettings(env, { shard, shards: 3 }).portRange);
    assert.deepEqual(shares, [
      [50_000, 50_002],
      [50_003, 50_005],
      [50_006, 50_008],
    ]);
    assert.deepEqual(readIceSettings(env).addresses, ['203.0.113.7', '127.0.0.1']);
  });

  for (const env of [
    { PORCHLIGHT_ICE_ADDRESSES: 'example.org' },
    { PORCHLIGHT_ICE_ADDRESSES: '::1' },
    { PORCHLIGHT_ICE_PORTS: '5' },
    { PORCHLIGHT_ICE_PORTS: '80-443' },
    { PORCHLIGHT_ICE_PORTS: '50001-50000' },
    { PORCHLIGHT_ICE_PORTS: '60000-70000' },
  ]) {
    it(`say in words what is wrong with ${JSON.stringify(env)}`, () => {
      assert.throws(
        () => readIceSettings(env),
        (error) =>
          error instanceof HouseError &&
          error.kind === 'invalid' &&
          /^PORCHLIGHT_ICE_[^\n]*: write [^\n]*\.$/.test(error.message),
      );
    });
  }
});
