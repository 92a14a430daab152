import { concatBytes } from '#bytes';
import { MediaError } from '#frame';
import { findMessageEnd, isFrameStart, isLetter, isMessageStart, mayBeFrame, mayBeMessage } from './find-start.ts';
import type { RtspRequest, RtspResponse } from './message.ts';
import { isDescription, parseHead, toBodySize } from './parse-head.ts';

/** What a parser calls, synchronously and in the order of the bytes. */
export type RtspParserSink = {
  onResponse(response: RtspResponse): void;
  onRequest(request: RtspRequest): void;
  /**
   * The payload lies in `bytes` from `start` up to `end`: in the chunk, or in the one buffer a split frame was joined in. Valid
   * during the call only. No view is made of it: at thousands of packets a second views are most of what a packet costs.
   */
  onInterleaved(channel: number, bytes: Uint8Array, start: number, end: number): void;
  /** So many bytes were neither message nor frame; what follows them is one again. */
  onSkipped?(sizeBytes: number): void;
};

const dollar = 0x24;
const noBytes = new Uint8Array(0);
/** Bytes that are neither, at a stretch: a frame whose length was wrong is forgiven, a stream of something else is not. */
const maxSkippedBytes = 131_072;
/** Bytes that tell whether a frame or message begins. */
const startBytes = 8;

/**
 * Cuts a connection's bytes into messages and interleaved frames, in place.
 * Chunks may be reused after `push`. Nothing is copied but what is split over chunks, that once, and the bodies of messages.
 *
 * Where the bytes are neither (a Content-Length or frame length that was wrong, bytes lost in the camera) they are stepped over up to the
 * next frame on a channel that has been seen, or the next `RTSP/1.0`. Before the first message, and after too much of it, a `MediaError` says
 * that the other side does not speak RTSP; the connection is of no use then.
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
  /** Channels that frames have come on, by number. */
  readonly #channels = new Uint8Array(256);
  /** A message has been understood: the other side speaks RTSP. */
  #understood = false;
  /** Looking for where the next message or frame begins. */
  #lost = false;
  #lostBytes = 0;
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

  /** So much of a message's body is there; undefined while no body is waited for. */
  get bodyBytes(): number | undefined {
    return this.#message && this.#filled;
  }

  /** Takes the body that is waited for as it is: its Content-Length was too long. */
  endBody(): void {
    const message = this.#message;
    const body = this.#target?.slice(0, this.#filled);
    if (!message || !body) return;
    this.#target = undefined;
    this.#message = undefined;
    this.#deliver(message, body);
  }

  /** Takes the next bytes of the connection. */
  push(chunk: Uint8Array): void {
    let bytes = chunk;
    let offset = 0;
    while (offset < bytes.length) {
      if (this.#target) offset = this.#fill(bytes, offset);
      else if (this.#lost) {
        if (this.#partial.length > 0) [bytes, offset] = [this.#joinPartial(bytes, offset), 0];
        offset = this.#findStart(bytes, offset);
      } else if (this.#partial.length > 0) offset = this.#continue(bytes, offset);
      else {
        const first = bytes[offset]!;
        if (first === dollar) offset = this.#readFrame(bytes, offset);
        else if (first === 0x0d || first === 0x0a) offset++;
        else offset = mayBeMessage(bytes, offset) ? this.#readMessage(bytes, offset) : this.#lose(bytes, offset);
      }
    }
  }

  /** The bytes from here on are looked through for the next start. Text in place of a first message is another protocol's. */
  #lose(bytes: Uint8Array, offset: number): number {
    if (!this.#understood && isLetter(bytes[offset]!))
      throw new MediaError('malformed', 'Expected an RTSP request or status line', offset);
    this.#lost = true;
    this.#lostBytes = 0;
    return this.#skip(offset, 1);
  }

  #skip(offset: number, sizeBytes: number): number {
    this.#skipped += sizeBytes;
    this.#lostBytes += sizeBytes;
    if (this.#lostBytes > maxSkippedBytes) throw new MediaError('malformed', 'Neither a message nor a frame', offset);
    return offset + sizeBytes;
  }

  #findStart(bytes: Uint8Array, offset: number): number {
    let at = offset;
    while (at < bytes.length) {
      const first = bytes[at]!;
      if (first === dollar || first === 0x52 || first === 0x72) {
        if (at + startBytes > bytes.length) break;
        if (first === dollar ? isFrameStart(bytes, at, this.#channels) : isMessageStart(bytes, at)) {
          this.#skip(offset, at - offset);
          this.#lost = false;
          this.#sink.onSkipped?.(this.#lostBytes);
          return at;
        }
      }
      at++;
    }
    this.#skip(offset, at - offset);
    this.#partial = new Uint8Array(bytes.subarray(at));
    return bytes.length;
  }

  #joinPartial(bytes: Uint8Array, offset: number): Uint8Array {
    const joined = new Uint8Array(this.#partial.length + bytes.length - offset);
    joined.set(this.#partial);
    joined.set(bytes.subarray(offset), this.#partial.length);
    this.#partial = noBytes;
    return joined;
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
    if (this.#channels[channel] === 0) {
      if (this.#understood && !mayBeFrame(chunk, offset)) return this.#lose(chunk, offset);
      this.#channels[channel] = 1;
    }
    if (end <= chunk.length) {
      this.#sink.onInterleaved(channel, chunk, start, end);
      return end;
    }
    this.#message = undefined;
    this.#channel = channel;
    return this.#begin(chunk, start, end - start);
  }

  #readMessage(chunk: Uint8Array, offset: number): number {
    const end = findMessageEnd(chunk, offset);
    if (end < 0) {
      if (chunk.length - offset > this.#maxHeaderBytes) return this.#refuse(this.#headTooLarge(), chunk, offset);
      this.#partial = new Uint8Array(chunk.subarray(offset)); // a Buffer's slice is no copy
      return chunk.length;
    }
    try {
      return this.#readHead(chunk, offset, end);
    } catch (error) {
      return this.#refuse(error, chunk, offset);
    }
  }

  /** What looked like a head is none: after messages that were, it is looked through for the next start. */
  #refuse(error: unknown, chunk: Uint8Array, offset: number): number {
    if (!this.#understood || !(error instanceof MediaError)) throw error;
    return this.#lose(chunk, offset);
  }

  /** Throws before anything of the message is handed on. */
  #readHead(chunk: Uint8Array, start: number, end: number): number {
    if (end - start > this.#maxHeaderBytes) throw this.#headTooLarge();
    const message = parseHead(chunk.subarray(start, end));
    const bodyEnd = end + toBodySize(message.headers, this.#maxBodyBytes);
    this.#understood = true;
    if (bodyEnd <= chunk.length) {
      const behind = findBodyEnd(message, chunk, bodyEnd);
      this.#deliver(message, new Uint8Array(chunk.subarray(end, behind)));
      return behind;
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
    if (!message) {
      this.#sink.onInterleaved(this.#channel, target, 0, target.length);
      return end;
    }
    const behind = findBodyEnd(message, chunk, end);
    this.#deliver(message, behind === end ? target : concatBytes([target, chunk.subarray(end, behind)]));
    return behind;
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
    if (!mayBeMessage(joined, 0)) return this.#losePartial(before, offset);
    const end = findMessageEnd(joined, 0);
    if (end < 0) {
      if (joined.length <= this.#maxHeaderBytes) this.#partial = joined;
      else if (!this.#understood) throw this.#headTooLarge();
      else return this.#losePartial(before, offset);
      return offset + taken;
    }
    try {
      this.#readHead(joined.subarray(0, end), 0, end);
    } catch (error) {
      if (!this.#understood || !(error instanceof MediaError)) throw error;
      return this.#losePartial(before, offset);
    }
    return offset + end - before.length;
  }

  /** The same as `#lose` for what an earlier chunk ended in; nothing of this one is used up. */
  #losePartial(before: Uint8Array, offset: number): number {
    this.#partial = before.subarray(1);
    this.#lose(before, 0);
    return offset;
  }

  #deliver(message: RtspRequest | RtspResponse, body: Uint8Array): void {
    if (message.kind === 'response') this.#sink.onResponse({ ...message, body });
    else this.#sink.onRequest({ ...message, body });
  }

  #headTooLarge(): MediaError {
    return new MediaError('too-large', `Header above ${this.#maxHeaderBytes} bytes`);
  }
}

/** A description whose Content-Length was too short goes on up to what may follow it, as far as that has come with it. */
function findBodyEnd({ headers }: RtspRequest | RtspResponse, bytes: Uint8Array, end: number): number {
  if (!isDescription(headers)) return end;
  let at = end;
  while (at < bytes.length && bytes[at] !== dollar && !isMessageStart(bytes, at)) at++;
  return at;
}
