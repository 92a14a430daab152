import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { HouseError } from '@porchlight/base/errors';

/** An even port and the odd one above it, bound. @see RFC 3550 11 */
export type UdpPorts = {
  readonly rtp: Socket;
  readonly rtcp: Socket;
  readonly ports: readonly [rtp: number, rtcp: number];
  close(): void;
};

const maxTries = 50;

/** Binds a pair of ports that the system chooses. Throws `HouseError` when it finds none. */
export async function openUdpPorts(host: string): Promise<UdpPorts> {
  for (let tries = 0; tries < maxTries; tries++) {
    const first = await bind(host, 0);
    const port = first.address().port;
    const second = await bind(host, port % 2 === 0 ? port + 1 : port - 1).catch(() => undefined);
    if (!second) {
      first.close();
      continue;
    }
    const [rtp, rtcp] = port % 2 === 0 ? [first, second] : [second, first];
    const close = (): void => {
      rtp.close();
      rtcp.close();
    };
    return { rtp, rtcp, ports: [rtp.address().port, rtcp.address().port], close };
  }
  throw new HouseError('unavailable', 'No free pair of UDP ports', { fix: 'Close programs that hold many ports.' });
}

async function bind(host: string, port: number): Promise<Socket> {
  const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', sendBufferSize: 4 << 20 });
  try {
    const bound = once(socket, 'listening');
    socket.bind(port, host);
    await bound;
  } catch (error) {
    socket.close();
    throw error;
  }
  socket.on('error', () => undefined); // ICMP "port unreachable" of a client that has gone
  return socket;
}
