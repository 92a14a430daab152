import type * as Werift from 'werift';
import { bindSocket } from './udp-binding.ts';

let library: Promise<typeof Werift> | undefined;

/** werift with our way of binding sockets. Loaded on first use: a house without WebRTC viewers does not pay for it. */
export function loadWerift(): Promise<typeof Werift> {
  return (library ??= import('werift').then((werift) => {
    takeOverBinding(werift);
    return werift;
  }));
}

/** Where nobody names a STUN server werift asks one of Google's; the house asks nobody. Call it before gathering. */
export function askNobody({ connection }: Pick<Werift.RTCIceGatherer, 'connection'>): void {
  delete connection.stunServer;
}

/**
 * werift looks for a free port with one socket and binds another, without hearing that one's errors: two that look at the
 * same time find the same port, and the error ends the thread.
 */
function takeOverBinding({ UdpTransport }: typeof Werift): void {
  UdpTransport.init = async (type, { portRange } = {}) => {
    const transport = Reflect.construct(UdpTransport, [type]) as Werift.UdpTransport;
    await bindSocket(transport.socket, portRange);
    return transport;
  };
}
