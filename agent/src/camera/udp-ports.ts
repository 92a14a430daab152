import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { CameraError } from './camera-error.ts';

/** Packets from the camera, by what they are. */
export type UdpSink = { onRtp(packet: Uint8Array): void; onRtcp(packet: Uint8Array): void };

/** An even RTP port and the odd RTCP port above it. @see RFC 3550 11 */
export type UdpPorts = {
  readonly ports: readonly [rtp: number, rtcp: number];
  /** Names the camera's address and ports, and opens the way through a NAT by a packet to each. */
  aim(address: string, ports: readonly [rtp: number, rtcp: number] | undefined): void;
  sendRtcp(bytes: Uint8Array): void;
  close(): void;
};

const maxAttempts = 32;
/** Room for a key frame that arrives at line speed. */
const receiveBufferBytes = 2 * 1024 * 1024;
/** An empty RTP packet (version 2, payload type 0) and an empty receiver report: nothing a camera acts on. */
const punchRtp = Uint8Array.of(0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
const punchRtcp = Uint8Array.of(0x80, 0xc9, 0, 1, 0, 0, 0, 0);

/** Binds a pair of ports. Packets from any address but the camera's are left out before anything looks at them. */
export async function openUdpPorts(cameraAddress: string, sink: UdpSink): Promise<UdpPorts> {
  const type = isIPv6(cameraAddress) ? 'udp6' : 'udp4';
  const [rtp, rtcp] = await bindPair(type);
  let allowed = toPlain(cameraAddress);
  let target: { address: string; ports: readonly [number, number] } | undefined;
  rtp.on('message', (packet, from) => {
    if (from.address === allowed || toPlain(from.address) === allowed) sink.onRtp(packet);
  });
  rtcp.on('message', (packet, from) => {
    if (from.address === allowed || toPlain(from.address) === allowed) sink.onRtcp(packet);
  });
  // An ICMP refusal is no reason to stop: the watchdog notices when nothing comes.
  for (const socket of [rtp, rtcp]) socket.on('error', () => undefined);
  try {
    rtp.setRecvBufferSize(receiveBufferBytes);
  } catch {
    // The system's own limit holds.
  }
  let closed = false;
  return {
    ports: [rtp.address().port, rtcp.address().port],
    aim(address, ports) {
      allowed = toPlain(address);
      target = ports ? { address, ports } : undefined;
      if (!target) return;
      rtp.send(punchRtp, target.ports[0], target.address);
      rtcp.send(punchRtcp, target.ports[1], target.address);
    },
    sendRtcp(bytes) {
      if (target && !closed) rtcp.send(bytes, target.ports[1], target.address);
    },
    close() {
      if (closed) return; // a session ends by its own end and by that of its connection
      closed = true;
      rtp.close();
      rtcp.close();
    },
  };
}

function toPlain(address: string): string {
  return address.replace(/^::ffff:/i, '').replace(/%.*$/, '');
}

async function bindPair(type: 'udp4' | 'udp6'): Promise<[Socket, Socket]> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const first = await bind(type, 0);
    const { port } = first!.address();
    const second = port % 2 === 0 ? await bind(type, port + 1) : port > 1 ? await bind(type, port - 1) : undefined;
    if (second) return port % 2 === 0 ? [first!, second] : [second, first!];
    first!.close();
  }
  throw new CameraError(
    'transport-refused',
    'No pair of free UDP ports was found on this machine.',
    'Set the transport to TCP.',
  );
}

/** A socket bound to `port`, or undefined when that port is taken. */
function bind(type: 'udp4' | 'udp6', port: number): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type });
    socket.once('error', (error) => {
      socket.close();
      if (port !== 0) resolve(undefined);
      else reject(error);
    });
    socket.bind(port, () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}
