import type { FrameSink, NalUnit, VideoTrack } from '#frame';
import { tryParse } from './nal-unit.ts';

/** Where a NAL unit stands in its access unit. */
export type NalRole =
  /** Part of a coded picture. */
  | 'slice'
  /** Parameter set: belongs to the picture after it. */
  | 'parameter-set'
  /** Belongs to the picture after it. */
  | 'before'
  /** Belongs to the picture before it. */
  | 'after'
  /** Belongs to the picture before it; picture order starts over behind it. */
  | 'end'
  /** Not a NAL unit of this coding. */
  | 'garbage';

/** What a coding knows of its pictures; holds its parameter sets and the last slice. */
export type Pictures = {
  roleOf(type: number): NalRole;
  /** Takes a parameter set in. Throws `MediaError` for a broken one. */
  learn(parameterSet: NalUnit): void;
  /** An end of sequence or of stream came. */
  restart(): void;
  /** This slice belongs to another access unit than the slices before it. Called once per slice, in order. */
  beginsAccessUnit(slice: NalUnit): boolean;
  /** The picture so far is the first field of a frame: the second may still come. */
  awaitsField(): boolean;
  /**
   * Track of the access unit that begins with this slice; undefined while its parameter sets are missing. Changes at
   * key frames only: sets that come elsewhere travel in their own frame until then.
   */
  activate(slice: NalUnit, key: boolean): VideoTrack | undefined;
  isKey(nalUnits: readonly NalUnit[]): boolean;
  isReference(nalUnits: readonly NalUnit[]): boolean;
};

export type AccessUnitsOptions = { readonly track: number; readonly sink: FrameSink; readonly pictures: Pictures };

/** An access unit over this is dropped: no camera sends one, and memory is bounded. */
export const maxAccessUnitBytes = 8 * 1024 * 1024;
/** What one NAL unit costs beside its bytes, so that a flood of tiny ones is bounded too. */
const nalUnitOverheadBytes = 128;

/**
 * Gathers NAL units into frames. An access unit ends at the marker bit, at another timestamp, or with the first slice
 * of another picture, whichever comes first; whatever stands before a slice belongs to the slice's picture.
 *
 * Habits it lives with:
 * - the marker on every slice (found out with the first picture, which is therefore held until the next packet), or never;
 * - SPS and PPS with a marker or timestamp of their own, or with those of the picture before (Reolink RLC-822A):
 *   a frame's time is that of its first slice;
 * - SEI and AUD in packets of their own with another timestamp.
 */
export class AccessUnits {
  readonly #track: number;
  readonly #sink: FrameSink;
  readonly #pictures: Pictures;
  #units: NalUnit[] = [];
  /** Units that came after the last slice and may belong to the next picture. */
  #ahead: NalUnit[] = [];
  #costBytes = 0;
  #hasSlice = false;
  #oversized = false;
  #ptsTicks = 0;
  #description: VideoTrack | undefined;
  #announced: VideoTrack | undefined;
  #packetsLost = 0;
  #lostAhead = 0;
  /** A marker came after the last slice. */
  #marked = false;
  #markers: 'unknown' | 'trusted' | 'ignored' = 'unknown';
  #closedPtsTicks: number | undefined;

  constructor(options: AccessUnitsOptions) {
    this.#track = options.track;
    this.#sink = options.sink;
    this.#pictures = options.pictures;
  }

  /** No packet has been cut off: the next slice may start anything. */
  get atBoundary(): boolean {
    return !this.#hasSlice || this.#marked;
  }

  /** Packets are missing here. */
  lost(packets: number): void {
    if (this.#hasSlice) this.#packetsLost += packets;
    this.#lostAhead += packets; // until a slice or marker of the same picture shows that they were inside it
    this.damage('packets-lost', packets);
  }

  damage(reason: 'packets-lost' | 'malformed' | 'oversized' | 'missing-parameter-sets', count = 1): void {
    this.#sink.onDamage({ kind: 'damage', track: this.#track, reason, count });
  }

  /** A packet of this time begins (not one that continues a NAL unit). */
  at(ptsTicks: number): void {
    if (this.#hasSlice && ptsTicks !== this.#ptsTicks && !this.#pictures.awaitsField()) this.#emit();
  }

  /** The next NAL unit. */
  add(unit: NalUnit, ptsTicks: number): void {
    const role = this.#pictures.roleOf(unit.type);
    switch (role) {
      case 'garbage':
        this.damage('malformed');
        return;
      case 'slice':
        this.#addSlice(unit, ptsTicks);
        break;
      case 'parameter-set':
        this.#learn(unit);
        (this.#hasSlice ? this.#ahead : this.#units).push(unit);
        break;
      case 'before':
        (this.#hasSlice ? this.#ahead : this.#units).push(unit);
        break;
      case 'end':
        this.#pictures.restart();
        this.#units.push(unit);
        break;
      case 'after':
        this.#units.push(unit);
        break;
    }
    this.#costBytes += unit.sizeBytes + nalUnitOverheadBytes;
    this.guard(0);
  }

  /** A packet of this time ends with a marker. */
  mark(ptsTicks: number): void {
    if (!this.#hasSlice) return;
    this.#marked = true;
    if (ptsTicks === this.#ptsTicks) this.#lostAhead = 0;
    if (this.#markers === 'trusted' && !this.#pictures.awaitsField()) this.#emit();
  }

  /** Drops the access unit when it and so many more bytes are too much. False when it did. */
  guard(pendingBytes: number): boolean {
    if (this.#costBytes + pendingBytes <= maxAccessUnitBytes) return true;
    if (!this.#oversized) this.damage('oversized');
    this.#oversized = this.#hasSlice;
    this.#units = [];
    this.#ahead = [];
    this.#costBytes = 0;
    return false;
  }

  /** Delivers what has come. */
  flush(): void {
    if (this.#hasSlice) this.#emit();
  }

  #addSlice(unit: NalUnit, ptsTicks: number): void {
    const begins = this.#pictures.beginsAccessUnit(unit);
    if (this.#hasSlice) {
      if (this.#marked) this.#judgeMarkers(begins || ptsTicks !== this.#ptsTicks);
      if (begins) this.#emit();
      else this.#join();
    } else if (!begins && ptsTicks === this.#closedPtsTicks && this.#lostAhead === 0 && this.#markers === 'trusted') {
      this.#markers = 'ignored';
      this.damage('malformed');
    }
    if (!this.#hasSlice) {
      this.#hasSlice = true;
      this.#ptsTicks = ptsTicks;
      this.#description = this.#pictures.activate(unit, this.#pictures.isKey([...this.#units, unit]));
      this.#packetsLost += this.#lostAhead;
      this.#lostAhead = 0;
    }
    this.#units.push(unit);
  }

  #judgeMarkers(newPicture: boolean): void {
    if (!newPicture) this.#markers = 'ignored';
    else if (this.#markers === 'unknown') this.#markers = 'trusted';
    this.#marked = false;
  }

  /** Another slice of the same picture: what came in between belongs to it too. */
  #join(): void {
    for (const unit of this.#ahead) this.#units.push(unit);
    this.#ahead = [];
    this.#lostAhead = 0;
  }

  #learn(unit: NalUnit): void {
    const learned = tryParse(() => {
      this.#pictures.learn(unit);
      return true;
    });
    if (!learned) this.damage('malformed');
  }

  #emit(): void {
    const units = this.#units;
    if (this.#marked && this.#markers === 'unknown') this.#markers = 'trusted';
    if (this.#description === undefined) this.damage('missing-parameter-sets');
    else if (!this.#oversized) this.#deliver(units, this.#description);
    this.#closedPtsTicks = this.#ptsTicks;
    this.#units = this.#ahead;
    this.#ahead = [];
    this.#costBytes = 0;
    for (const unit of this.#units) this.#costBytes += unit.sizeBytes + nalUnitOverheadBytes;
    this.#hasSlice = false;
    this.#oversized = false;
    this.#marked = false;
    this.#packetsLost = 0;
  }

  #deliver(units: readonly NalUnit[], description: VideoTrack): void {
    let sizeBytes = 0;
    for (const unit of units) sizeBytes += unit.sizeBytes;
    if (description !== this.#announced) {
      this.#announced = description;
      this.#sink.onTrack(this.#track, description);
    }
    this.#sink.onFrame({
      kind: 'video',
      track: this.#track,
      ptsTicks: this.#ptsTicks,
      key: this.#pictures.isKey(units),
      reference: this.#pictures.isReference(units),
      nalUnits: units,
      sizeBytes,
      packetsLost: this.#packetsLost,
    });
  }
}
