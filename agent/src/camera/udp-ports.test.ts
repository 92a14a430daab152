import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openUdpPorts } from './udp-ports.ts';

test('a pair of ports is even and odd, closes once however often it is asked, and sends nothing afterwards', async () => {
  const udp = await openUdpPorts('127.0.0.1', { onRtp: () => undefined, onRtcp: () => undefined });
  assert.equal(udp.ports[0] % 2, 0);
  assert.equal(udp.ports[1], udp.ports[0] + 1);
  udp.aim('127.0.0.1', udp.ports);
  udp.close();
  udp.close();
  udp.sendRtcp(Uint8Array.of(0x80, 0xc9, 0, 1, 0, 0, 0, 0));
});
