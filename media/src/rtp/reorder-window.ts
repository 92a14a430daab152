/** Packets that wait for an earlier one: a ring by sequence number, bounded by count and time. */
export class ReorderWindow {
  readonly #slots: (Uint8Array | undefined)[];
  readonly #heldMs: Float64Array;
  readonly #mask: number;
  readonly #maxPackets: number;
  readonly #maxDelayMs: number;
  /** Packets held now. */
  count = 0;

  constructor(options: { readonly maxPackets: number; readonly maxDelayMs: number }) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(2, Math.min(4096, options.maxPackets))));
    this.#slots = new Array<Uint8Array | undefined>(size).fill(undefined);
    this.#heldMs = new Float64Array(size);
    this.#mask = size - 1;
    this.#maxPackets = Math.min(size - 1, Math.max(1, options.maxPackets));
    this.#maxDelayMs = options.maxDelayMs;
  }

  /** Whether a packet this far ahead of the next one has a slot of its own. */
  fits(ahead: number): boolean {
    return ahead <= this.#mask;
  }

  get isFull(): boolean {
    return this.count >= this.#maxPackets;
  }

  /** False when this packet is already held. */
  hold(packet: Uint8Array, sequence: number, nowMs: number): boolean {
    const slot = sequence & this.#mask;
    if (this.#slots[slot]) return false;
    this.#slots[slot] = packet;
    this.#heldMs[slot] = nowMs;
    this.count++;
    return true;
  }

  /** Removes and returns the packet with this sequence number. */
  take(sequence: number): Uint8Array | undefined {
    if (this.count === 0) return undefined;
    const slot = sequence & this.#mask;
    const packet = this.#slots[slot];
    if (!packet) return undefined;
    this.#slots[slot] = undefined;
    this.count--;
    return packet;
  }

  /** How far ahead of `next` the first held packet is. Call only while something is held. */
  findFirst(next: number): number {
    let ahead = 0;
    while (!this.#slots[(next + ahead) & this.#mask]) ahead++;
    return ahead;
  }

  /** Whether something has been held for longer than the window allows. */
  isOverdue(nowMs: number): boolean {
    for (let slot = 0; slot < this.#slots.length; slot++) {
      if (this.#slots[slot] && nowMs - this.#heldMs[slot]! >= this.#maxDelayMs) return true;
    }
    return false;
  }
}
