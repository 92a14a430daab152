import type { VideoCodec } from '#frame';
import { AccessUnits, type AccessUnitsOptions } from './access-units.ts';
import { NalAssembly } from './nal-assembly.ts';

/** What one fragmentation unit says of itself; read at once, so that one value may serve every packet. */
export type Fragment = {
  /** Header of the NAL unit it is a piece of, rebuilt: 8 bits in H.264, 16 in H.265. */
  header: number;
  starts: boolean;
  ends: boolean;
  /** The piece begins behind so many bytes of the payload. */
  skip: number;
};

/**
 * What the RTP payload formats of H.264 and H.265 share: single, aggregated and fragmented NAL units into frames.
 * Lost packets cut a NAL unit short, its frame is kept; fragments whose start is missing are left out.
 */
export class NalDepacketizer {
  readonly #accessUnits: AccessUnits;
  readonly #assembly: NalAssembly;
  readonly #isSlice: (nalType: number) => boolean;
  /** Timestamp of the packet that began the NAL unit. */
  #ptsTicks = 0;
  /** The start of the NAL unit that comes is known to be missing. */
  #skipping = true;

  constructor(codec: VideoCodec, options: AccessUnitsOptions) {
    this.#accessUnits = new AccessUnits(options);
    this.#isSlice = (type) => options.pictures.roleOf(type) === 'slice';
    this.#assembly = new NalAssembly(codec, (unit) => this.#accessUnits.add(unit, this.#ptsTicks));
  }

  /** A packet with one NAL unit. */
  single(bytes: Uint8Array, ptsTicks: number): void {
    this.#begin(ptsTicks);
    this.#assembly.whole(bytes);
  }

  /**
   * An aggregation packet behind its header: 16-bit sizes and NAL units. A zero size ends it (trailing zeros that some
   * cameras add), a size past the end is damage.
   */
  aggregate(bytes: Uint8Array, ptsTicks: number): void {
    this.#begin(ptsTicks);
    for (let at = 0; at + 2 < bytes.length;) {
      const size = (bytes[at]! << 8) | bytes[at + 1]!;
      if (size === 0) break;
      at += 2;
      if (at + size > bytes.length) {
        this.damaged();
        break;
      }
      this.#assembly.whole(bytes.subarray(at, at + size));
      at += size;
    }
  }

  /**
   * A fragmentation unit. Start and end together are one whole NAL unit (OpenIPC SSC378DE); a start without the end
   * before it ends what was open; a missing start at the front of an access unit is accepted where the data begin like
   * a first slice.
   */
  fragment(fragment: Readonly<Fragment>, payload: Uint8Array, ptsTicks: number): void {
    const { skip } = fragment;
    if (fragment.starts || (!this.#assembly.open && this.#beginsAnyway(payload[skip]))) {
      this.#begin(ptsTicks);
      this.#assembly.begin(fragment.header);
    } else if (!this.#assembly.open) {
      if (!this.#skipping) this.damaged();
      this.#skipping = true;
      return;
    }
    this.#assembly.append(payload, skip);
    if (!this.#accessUnits.guard(this.#assembly.sizeBytes)) {
      this.#assembly.drop();
      this.#skipping = true;
    } else if (fragment.ends) this.#assembly.end();
  }

  /** A payload that is none of these. */
  damaged(): void {
    this.#accessUnits.damage('malformed');
  }

  /** The packet had its marker bit set: a fragmented NAL unit without end bit ends too. */
  mark(ptsTicks: number): void {
    this.#assembly.end();
    this.#accessUnits.mark(ptsTicks);
    this.#skipping = false;
  }

  lost(packets: number): void {
    if (this.#assembly.open) {
      if (this.#isSlice(this.#assembly.openType)) this.#assembly.end();
      else this.#assembly.drop();
    }
    this.#skipping = true;
    this.#accessUnits.lost(packets);
  }

  flush(): void {
    this.#assembly.end();
    this.#accessUnits.flush();
  }

  #begin(ptsTicks: number): void {
    this.#assembly.end();
    this.#skipping = false;
    this.#accessUnits.at(ptsTicks);
    this.#ptsTicks = ptsTicks;
  }

  #beginsAnyway(first: number | undefined): boolean {
    if (this.#skipping || !this.#accessUnits.atBoundary || first === undefined || (first & 0x80) === 0) return false;
    this.damaged();
    return true;
  }
}

/** Bytes that begin with an Annex B start code. */
export function startsWithStartCode(bytes: Uint8Array): boolean {
  return bytes[0] === 0 && bytes[1] === 0 && (bytes[2] === 1 || (bytes[2] === 0 && bytes[3] === 1));
}
