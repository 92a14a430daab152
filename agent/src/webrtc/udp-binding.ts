import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:dgram';

/**
 * Binds a socket to all addresses, at a port of the range (inclusive; default: any) that is free. Rejects when none is;
 * the socket is closed then. From now on its errors end nobody: a viewer that cannot be reached is found by its silence.
 */
export async function bindSocket(socket: Socket, range: readonly [number, number] | undefined): Promise<void> {
  socket.on('error', () => undefined);
  const [low, high] = range ?? [0, 0];
  const count = high - low + 1;
  const start = randomInt(count);
  for (let tried = 0; tried < count; tried++) {
    if (await tryPort(socket, low + ((start + tried) % count))) return;
  }
  socket.close();
  throw new Error(range ? `No UDP port from ${low} to ${high} is free` : 'No UDP port is free');
}

async function tryPort(socket: Socket, port: number): Promise<boolean> {
  try {
    const listening = once(socket, 'listening');
    socket.bind(port);
    await listening;
    return true;
  } catch {
    return false;
  }
}
