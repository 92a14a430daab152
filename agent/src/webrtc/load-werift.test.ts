import assert from 'node:assert/strict';
import { isIPv4 } from 'node:net';
import { describe, it } from 'node:test';
import { openFakeClock } from '@porchlight/base/clock';
import { loadWerift } from './load-werift.ts';
import { openPeer } from './peer.ts';
import { warmUp } from './warm-up.ts';

const remote = {
  usernameFragment: 'abcd',
  password: 'abcdefghijklmnopqrstuvwx',
  fingerprints: [{ algorithm: 'sha-256', value: Array.from({ length: 32 }, () => 'AB').join(':') }],
  candidates: [],
};

describe('the WebRTC library', () => {
  it('sends nothing to anybody but the viewer: no STUN server is asked, neither for viewers nor to warm up', async () => {
    const { StunProtocol } = await loadWerift();
    const asked: string[] = [];
    const methods: Pick<InstanceType<typeof StunProtocol>, 'request'> = StunProtocol.prototype;
    const original = Object.getOwnPropertyDescriptor(methods, 'request')!;
    const request: (this: unknown, ...args: Parameters<typeof methods.request>) => ReturnType<typeof methods.request> =
      original.value;
    methods.request = function (message, address, ...rest) {
      asked.push(address[0]);
      return request.call(this, message, address, ...rest);
    };
    try {
      const peer = await openPeer(remote, { addresses: ['127.0.0.1'] });
      assert.deepEqual(asked, []);
      assert.ok(peer.local.candidates.every((candidate) => candidate.endsWith(' typ host')));
      await peer.close();
      await warmUp(openFakeClock());
      assert.ok(asked.length > 0);
      assert.ok(asked.every(isIPv4));
    } finally {
      Object.defineProperty(methods, 'request', original);
    }
  });
});
