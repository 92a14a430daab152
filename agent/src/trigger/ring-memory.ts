import type { CodedFrame, FrameMemory, NalUnit } from '@porchlight/media/frame';

const chunkBytes = 64 * 1024;
const maxFreeChunks = 8;
const prefixBytes = 4;

class Chunk implements FrameMemory {
  readonly bytes: Uint8Array;
  readonly #onFree: (chunk: Chunk) => void;
  endBytes = 0;
  #holds = 1; // the writer's

  constructor(sizeBytes: number, onFree: (chunk: Chunk) => void) {
    this.bytes = new Uint8Array(sizeBytes);
    this.#onFree = onFree;
  }

  hold(): void {
    this.#holds++;
  }

  release(): void {
    if (--this.#holds === 0) this.#onFree(this);
  }

  /** Empty again, for the writer. */
  reuse(): this {
    this.#holds = 1;
    this.endBytes = 0;
    return this;
  }
}

/**
 * Memory of one ring. A frame that waits long for its trigger must not keep the memory that it came in, which the stream wants to use
 * again; its copy lies as MP4 stores it, in chunks that are used again when ring and recorder have let go.
 */
export class RingMemory {
  readonly #free: Chunk[] = [];
  #chunk: Chunk | undefined;

  /** A copy of the frame; whoever takes it holds it once. */
  copy(frame: CodedFrame): CodedFrame {
    if (frame.kind === 'audio') return { ...frame, data: frame.data.slice() };
    const chunk = this.#reserve(frame.sizeBytes + prefixBytes * frame.nalUnits.length);
    return { ...frame, nalUnits: frame.nalUnits.map((unit) => copyUnit(unit, chunk)) };
  }

  #reserve(sizeBytes: number): Chunk {
    const now = this.#chunk;
    if (now !== undefined && now.endBytes + sizeBytes <= now.bytes.length) return now;
    const free = sizeBytes <= chunkBytes ? this.#free.pop()?.reuse() : undefined;
    const next = free ?? new Chunk(Math.max(chunkBytes, sizeBytes), (chunk) => this.#take(chunk));
    this.#chunk = next;
    now?.release();
    return next;
  }

  #take(chunk: Chunk): void {
    if (chunk.bytes.length === chunkBytes && this.#free.length < maxFreeChunks) this.#free.push(chunk);
  }
}

function copyUnit(unit: NalUnit, chunk: Chunk): NalUnit {
  const { bytes } = chunk;
  const start = chunk.endBytes;
  new DataView(bytes.buffer).setUint32(start, unit.sizeBytes);
  let at = start + prefixBytes;
  for (const part of unit.parts) {
    bytes.set(part, at);
    at += part.length;
  }
  chunk.endBytes = at;
  chunk.hold();
  const lengthPrefixed = bytes.subarray(start, at);
  return {
    type: unit.type,
    sizeBytes: unit.sizeBytes,
    parts: [lengthPrefixed.subarray(prefixBytes)],
    lengthPrefixed,
    memory: chunk,
  };
}
