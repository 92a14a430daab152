/** Where the fragments of one segment lie: grows while it is recorded, packs into a blob when it is closed. */
export type FragmentTable = {
  readonly count: number;
  /** Length of the init section; the first fragment follows it. */
  readonly initBytes: number;
  offsetBytes(index: number): number;
  sizeBytes(index: number): number;
  /** Video decode time of the first sample since the start of the file. */
  baseTicks(index: number): number;
  durationTicks(index: number): number;
  /** The first video sample is a key frame. */
  key(index: number): boolean;
};

export type FragmentEntry = {
  readonly sizeBytes: number;
  readonly baseTicks: number;
  readonly durationTicks: number;
  readonly key: boolean;
};

const wordsPerFragment = 3;

/** A table that is appended to. Fragments lie one behind the other, so only sizes are kept. */
export class GrowingFragmentTable implements FragmentTable {
  readonly initBytes: number;
  #words = new Uint32Array(32 * wordsPerFragment);
  #offsets: number[] = [];
  #endBytes: number;

  constructor(initBytes: number) {
    this.initBytes = initBytes;
    this.#endBytes = initBytes;
  }

  get count(): number {
    return this.#offsets.length;
  }

  /** Length of the file up to its last fragment. */
  get endBytes(): number {
    return this.#endBytes;
  }

  append(entry: FragmentEntry): void {
    const at = this.#offsets.length * wordsPerFragment;
    if (at === this.#words.length) {
      const grown = new Uint32Array(this.#words.length * 2);
      grown.set(this.#words);
      this.#words = grown;
    }
    this.#words[at] = entry.sizeBytes;
    this.#words[at + 1] = entry.baseTicks;
    this.#words[at + 2] = entry.durationTicks * 2 + (entry.key ? 1 : 0);
    this.#offsets.push(this.#endBytes);
    this.#endBytes += entry.sizeBytes;
  }

  offsetBytes(index: number): number {
    return this.#offsets[index]!;
  }

  sizeBytes(index: number): number {
    return this.#words[index * wordsPerFragment]!;
  }

  baseTicks(index: number): number {
    return this.#words[index * wordsPerFragment + 1]!;
  }

  durationTicks(index: number): number {
    return this.#words[index * wordsPerFragment + 2]! >>> 1;
  }

  key(index: number): boolean {
    return (this.#words[index * wordsPerFragment + 2]! & 1) === 1;
  }

  /** Little-endian 32-bit words: init length, then size, base and duration·2+key of each fragment. */
  pack(): Uint8Array {
    const words = new Uint32Array(1 + this.count * wordsPerFragment);
    words[0] = this.initBytes;
    words.set(this.#words.subarray(0, this.count * wordsPerFragment), 1);
    return new Uint8Array(words.buffer);
  }
}

/** The table that `pack` has written. */
export function parseFragmentTable(packed: Uint8Array): FragmentTable {
  const words = new Uint32Array(packed.slice().buffer);
  const table = new GrowingFragmentTable(words[0] ?? 0);
  for (let at = 1; at + 2 < words.length; at += wordsPerFragment) {
    const length = words[at + 2]!;
    table.append({
      sizeBytes: words[at]!,
      baseTicks: words[at + 1]!,
      durationTicks: length >>> 1,
      key: (length & 1) === 1,
    });
  }
  return table;
}
