import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import type { IceSettings } from '@porchlight/base/config';
import { openPeer, type Peer } from './peer.ts';
import { bindSocket } from './udp-binding.ts';

const remote = {
  usernameFragment: 'abcd',
  password: 'abcdefghijklmnopqrstuvwx',
  fingerprints: [{ algorithm: 'sha-256', value: Array.from({ length: 32 }, () => 'AB').join(':') }],
  candidates: [],
};

/** Takes a port that lies low enough for a range above it. */
async function takePort() {
  for (;;) {
    const socket = createSocket('udp4').bind(0);
    await once(socket, 'listening');
    const { port } = socket.address();
    if (port < 65_000) return { port, [Symbol.dispose]: () => void socket.close() };
    socket.close();
  }
}

const portsOf = (peer: Peer): number[] => peer.local.candidates.map((candidate) => Number(candidate.split(' ')[5]));

describe('UDP ports of WebRTC viewers', () => {
  it('are found beside those that others hold, each once, however many viewers come at the same time', async () => {
    using taken = await takePort();
    const settings: IceSettings = { addresses: ['127.0.0.1'], portRange: [taken.port, taken.port + 200] };
    const peers = await Promise.all(Array.from({ length: 20 }, () => openPeer(remote, settings)));
    const ports = peers.flatMap(portsOf);
    assert.ok(ports.length >= 20);
    assert.equal(new Set(ports).size, ports.length);
    assert.ok(ports.every((port) => port > taken.port && port <= taken.port + 200));
    await Promise.all(peers.map((peer) => peer.close()));
  });

  it('that are all taken leave a viewer without an address, and the thread alive', async () => {
    using taken = await takePort();
    const peer = await openPeer(remote, { addresses: ['127.0.0.1'], portRange: [taken.port, taken.port] });
    assert.deepEqual(peer.local.candidates, []);
    await peer.close();
  });

  it('go on after an error', async () => {
    const socket = createSocket('udp4');
    await bindSocket(socket, undefined);
    assert.ok(socket.address().port > 0);
    socket.emit('error', new Error('the network is down'));
    const closed = once(socket, 'close');
    socket.close();
    await closed;
  });
});
