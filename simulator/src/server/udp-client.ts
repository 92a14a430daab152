import { writeRtcp, type RtcpPacketToWrite } from '@porchlight/media/rtp';
import { packetOf, type PacketBlock } from '#scene';
import type { PlayerClient } from './player.ts';
import type { UdpPorts } from './udp-ports.ts';

/** Packets sent at once; the rest of a big picture follows with the next ticks, as over a real wire. */
const burstPackets = 48;
const maxQueuedPackets = 8192;

type Ports = readonly [rtp: number, rtcp: number];
type Queued = { readonly packet: Uint8Array; readonly port: number };

/** Sends a path's packets in datagrams. `tick` must be called every few milliseconds. */
export class UdpClient implements PlayerClient {
  readonly #udp: UdpPorts;
  readonly #address: string;
  readonly #end: (how: 'fin' | 'reset') => void;
  readonly #freeze: (frozen: boolean) => void;
  readonly #isLost: () => boolean;
  readonly #ports = new Map<number, Ports>();
  #queue: Queued[] = [];
  #budget = burstPackets;

  constructor(options: {
    readonly udp: UdpPorts;
    readonly address: string;
    readonly end: (how: 'fin' | 'reset') => void;
    readonly freeze: (frozen: boolean) => void;
    /** The fault `transport=udp-lost`. */
    readonly isLost: () => boolean;
  }) {
    this.#udp = options.udp;
    this.#address = options.address;
    this.#end = options.end;
    this.#freeze = options.freeze;
    this.#isLost = options.isLost;
  }

  setUp(track: number, ports: Ports): void {
    this.#ports.set(track, ports);
  }

  tick(): void {
    this.#budget = burstPackets;
    let sent = 0;
    while (sent < this.#queue.length && this.#budget > 0) this.#sendNow(this.#queue[sent++]!);
    if (sent > 0) this.#queue = this.#queue.slice(sent);
  }

  sendBlock(track: number, block: PacketBlock): boolean {
    // Datagrams may leave later, the block is stamped anew before: one copy for all its packets.
    const copy = { ...block, bytes: block.bytes.slice() };
    this.sendPackets(
      track,
      Array.from(block.starts, (_, index) => packetOf(copy, index)),
    );
    return false;
  }

  sendPackets(track: number, packets: readonly Uint8Array[]): void {
    const port = this.#ports.get(track)?.[0];
    if (port === undefined) return;
    for (const packet of packets) {
      const queued = { packet, port };
      if (this.#queue.length === 0 && this.#budget > 0) this.#sendNow(queued);
      else if (this.#queue.length < maxQueuedPackets) this.#queue.push(queued);
    }
  }

  sendRtcp(track: number, packets: readonly RtcpPacketToWrite[] | Uint8Array): void {
    const port = this.#ports.get(track)?.[1];
    if (port === undefined || this.#isLost()) return;
    this.#udp.rtcp.send(packets instanceof Uint8Array ? packets : writeRtcp(packets), port, this.#address);
  }

  sendGarbage(bytes: Uint8Array): void {
    for (const [rtp, rtcp] of this.#ports.values()) {
      for (let at = 0; at < bytes.length; at += 1400)
        this.#udp.rtp.send(bytes.subarray(at, at + 1400), rtp, this.#address);
      this.#udp.rtcp.send(bytes.subarray(0, 200), rtcp, this.#address);
    }
  }

  end(how: 'fin' | 'reset'): void {
    this.#end(how);
  }

  setFrozen(frozen: boolean): void {
    this.#freeze(frozen);
  }

  #sendNow({ packet, port }: Queued): void {
    this.#budget--;
    if (this.#isLost()) return;
    this.#udp.rtp.send(packet, port, this.#address);
  }
}
