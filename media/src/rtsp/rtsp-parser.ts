import { MediaError } from '#frame';
import type { RtspRequest, RtspResponse } from './message.ts';
import { parseHead, toBodySize } from './parse-head.ts';

/** What a parser calls, synchronously and in the order of the bytes. */
export type RtspParserSink = {
  onResponse(response: RtspResponse): void;
  onRequest(request: RtspRequest): void;
  /**
   * The payload lies in `bytes` from `start` up to `end`: in the chunk, or in the one buffer a split frame was joined in. Valid
   * during the call only. No view is made of it: at thousands of packets a second views are most of what a packet costs.
   */
  onInterleaved(channel: number, bytes: Uint8Array, start: number, end: number): void;
};

const dollar = 0x24;
const noBytes = new Uint8Array(0);
/** A camera that leaves padding between frames is forgiven this much in all. */
const maxSkippedBytes = 65_536;

/**
 * Cuts a connection's bytes into messages and interleaved frames, in place.
 * Chunks may be reused after `push`. Nothing is copied but what is split over chunks, that once, and the bodies of messages.
 * After a `MediaError` the framing is lost and the connection is of no use.
 * @see RFC 2326 4, 10.12
 */
export class RtspParser {
  readonly #sink: RtspParserSink;
  readonly #maxHeaderBytes: number;
  readonly #maxBodyBytes: number;
  /** Beginning of a head or frame header that a chunk ended in. */
  #partial: Uint8Array = noBytes;
  /** Body or frame payload being joined. */
  #target: Uint8Array | undefined;
  #filled = 0;
  /** Whose body `#target` is; undefined for a frame. */
  #message: RtspRequest | RtspResponse | undefined;
  #channel = 0;
  #skipped = 0;

  constructor(sink: RtspParserSink, limits: { readonly maxHeaderBytes?: number; readonly maxBodyBytes?: number } = {}) {
    this.#sink = sink;
    this.#maxHeaderBytes = limits.maxHeaderBytes ?? 16_384;
    this.#maxBodyBytes = limits.maxBodyBytes ?? 262_144;
  }

  /** Bytes that were neither message nor frame and have been stepped over. */
  get skippedBytes(): number {
    return this.#skipped;
  }

  /** Takes the next bytes of the connection. */
  push(chunk: Uint8Array): void {
    let offset = 0;
    const length = chunk.length;
    while (offset < length) {
      if (this.#target) offset = this.#fill(chunk, offset);
      else if (this.#partial.length > 0) offset = this.#continue(chunk, offset);
      else {
        const first = chunk[offset]!;
        if (first === dollar) offset = this.#readFrame(chunk, offset);
        else if (first === 0x0d || first === 0x0a) offset++;
        else if (isLetter(first)) offset = this.#readMessage(chunk, offset);
        else offset = this.#skip(offset);
      }
    }
  }

  /** Bytes between frames that begin neither a frame nor a message. */
  #skip(offset: number): number {
    if (++this.#skipped > maxSkippedBytes) throw new MediaError('malformed', 'Neither a message nor a frame', offset);
    return offset + 1;
  }

  #readFrame(chunk: Uint8Array, offset: number): number {
    const left = chunk.length - offset;
    if (left < 4) {
      this.#partial = new Uint8Array(chunk.subarray(offset)); // a Buffer's slice is no copy
      return chunk.length;
    }
    const start = offset + 4;
    const end = start + ((chunk[offset + 2]! << 8) | chunk[offset + 3]!);
    const channel = chunk[offset + 1]!;
    if (end <= chunk.length) {
      this.#sink.onInterleaved(channel, chunk, start, end);
      return end;
    }
    this.#message = undefined;
    this.#channel = channel;
    return this.#begin(chunk, start, end - start);
  }

  #readMessage(chunk: Uint8Array, offset: number): number {
    const end = findHeadEnd(chunk, offset);
    if (end < 0) {
      if (chunk.length - offset > this.#maxHeaderBytes) throw this.#headTooLarge();
      this.#partial = new Uint8Array(chunk.subarray(offset)); // a Buffer's slice is no copy
      return chunk.length;
    }
    return this.#readHead(chunk, offset, end);
  }

  #readHead(chunk: Uint8Array, start: number, end: number): number {
    if (end - start > this.#maxHeaderBytes) throw this.#headTooLarge();
    const message = parseHead(chunk.subarray(start, end));
    const bodyEnd = end + toBodySize(message.headers, this.#maxBodyBytes);
    if (bodyEnd <= chunk.length) {
      this.#deliver(message, new Uint8Array(chunk.subarray(end, bodyEnd)));
      return bodyEnd;
    }
    this.#message = message;
    return this.#begin(chunk, end, bodyEnd - end);
  }

  /** Takes what the chunk has of a body or payload that goes on in the next chunk. */
  #begin(chunk: Uint8Array, start: number, sizeBytes: number): number {
    this.#target = new Uint8Array(sizeBytes);
    this.#target.set(chunk.subarray(start));
    this.#filled = chunk.length - start;
    return chunk.length;
  }

  #fill(chunk: Uint8Array, offset: number): number {
    const target = this.#target!;
    const end = Math.min(chunk.length, offset + target.length - this.#filled);
    target.set(chunk.subarray(offset, end), this.#filled);
    this.#filled += end - offset;
    if (this.#filled < target.length) return end;
    const message = this.#message;
    this.#target = undefined;
    this.#message = undefined;
    if (message) this.#deliver(message, target);
    else this.#sink.onInterleaved(this.#channel, target, 0, target.length);
    return end;
  }

  /** Goes on with a head (or the four bytes before a frame) that began in an earlier chunk. */
  #continue(chunk: Uint8Array, offset: number): number {
    const before = this.#partial;
    const limit = before[0] === dollar ? 4 : this.#maxHeaderBytes + 4;
    const taken = Math.min(chunk.length - offset, limit - before.length);
    const joined = new Uint8Array(before.length + taken);
    joined.set(before);
    joined.set(chunk.subarray(offset, offset + taken), before.length);
    this.#partial = noBytes;
    if (before[0] === dollar) {
      if (joined.length < 4) this.#partial = joined;
      else if (joined[2] === 0 && joined[3] === 0) this.#sink.onInterleaved(joined[1]!, noBytes, 0, 0);
      else this.#readFrame(joined, 0);
      return offset + taken;
    }
    const end = findHeadEnd(joined, Math.max(0, before.length - 3));
    if (end < 0) {
      if (joined.length > this.#maxHeaderBytes) throw this.#headTooLarge();
      this.#partial = joined;
      return offset + taken;
    }
    this.#readHead(joined.subarray(0, end), 0, end);
    return offset + end - before.length;
  }

  #deliver(message: RtspRequest | RtspResponse, body: Uint8Array): void {
    if (message.kind === 'response') this.#sink.onResponse({ ...message, body });
    else this.#sink.onRequest({ ...message, body });
  }

  #headTooLarge(): MediaError {
    return new MediaError('too-large', `Header above ${this.#maxHeaderBytes} bytes`);
  }
}

/** Just behind the empty line that ends a head; -1 when it is not there yet. */
function findHeadEnd(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0x0a, from); at >= 0; at = bytes.indexOf(0x0a, at + 1)) {
    if (bytes[at + 1] === 0x0a) return at + 2;
    if (bytes[at + 1] === 0x0d && bytes[at + 2] === 0x0a) return at + 3;
  }
  return -1;
}

function isLetter(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}
