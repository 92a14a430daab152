import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadWerift } from './load-werift.ts';
import { openPeer } from './peer.ts';

const remote = {
  usernameFragment: 'abcd',
  password: 'abcdefghijklmnopqrstuvwx',
  fingerprints: [{ algorithm: 'sha-256', value: Array.from({ length: 32 }, () => 'AB').join(':') }],
  candidates: [],
};

describe('the WebRTC library', () => {
  it('sends nothing to anybody but the viewer: no STUN server is asked', async () => {
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
    } finally {
      Object.defineProperty(methods, 'request', original);
    }
  });
});
