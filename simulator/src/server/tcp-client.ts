import type { Socket } from 'node:net';
import { writeRtcp, type RtcpPacketToWrite } from '@porchlight/media/rtp';
import { writeInterleavedHeader } from '@porchlight/media/rtsp';
import type { PacketBlock } from '#scene';
import type { PlayerClient } from './player.ts';

/** A camera keeps this much for a slow client, then leaves frames out. */
const maxPendingBytes = 2 << 20;

/** Sends a path's packets interleaved on the RTSP connection. */
export class TcpClient implements PlayerClient {
  readonly #socket: Socket;
  /** RTP channel by track; RTCP is the one set up beside it. */
  readonly #channels = new Map<number, readonly [rtp: number, rtcp: number]>();
  #paused = false;

  readonly #isHeld: () => boolean;

  /** `isHeld`: an answer is still on its way through the fault `drip`, so nothing may come between. */
  constructor(socket: Socket, isHeld: () => boolean) {
    this.#socket = socket;
    this.#isHeld = isHeld;
  }

  setUp(track: number, channels: readonly [rtp: number, rtcp: number]): void {
    this.#channels.set(track, channels);
  }

  sendBlock(track: number, block: PacketBlock): boolean {
    const channel = this.#channels.get(track)?.[0];
    if (channel === undefined || this.#isFull()) return false;
    const { bytes, starts } = block;
    if (starts.length > 0 && bytes[starts[0]! + 1] !== channel) for (const start of starts) bytes[start + 1] = channel;
    this.#socket.write(bytes);
    // What the kernel took at once is free again; otherwise the socket keeps the array.
    return this.#socket.writableLength > 0;
  }

  sendPackets(track: number, packets: readonly Uint8Array[]): void {
    const channel = this.#channels.get(track)?.[0];
    if (channel === undefined || this.#isFull()) return;
    this.#socket.cork();
    for (const packet of packets) this.#writeFrame(channel, packet);
    this.#socket.uncork();
  }

  sendRtcp(track: number, packets: readonly RtcpPacketToWrite[] | Uint8Array): void {
    const channel = this.#channels.get(track)?.[1];
    if (channel === undefined || this.#isFull()) return;
    this.#writeFrame(channel, packets instanceof Uint8Array ? packets : writeRtcp(packets));
  }

  sendGarbage(bytes: Uint8Array): void {
    if (!this.#isFull()) this.#socket.write(bytes);
  }

  end(how: 'fin' | 'reset'): void {
    if (how === 'reset') this.#socket.resetAndDestroy();
    else this.#socket.end();
  }

  setFrozen(frozen: boolean): void {
    this.#paused = frozen;
    if (frozen) this.#socket.pause();
    else this.#socket.resume();
  }

  #writeFrame(channel: number, bytes: Uint8Array): void {
    this.#socket.cork();
    this.#socket.write(writeInterleavedHeader(channel, bytes.length));
    this.#socket.write(bytes);
    this.#socket.uncork();
  }

  #isFull(): boolean {
    return this.#paused || this.#isHeld() || !this.#socket.writable || this.#socket.writableLength > maxPendingBytes;
  }
}
