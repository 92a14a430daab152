import type { NalUnit, VideoTrack } from '#frame';
import { equalBytes } from '#bytes';
import {
  checkParameterSetSize,
  nalTypeOf,
  toContiguous,
  toNalUnit,
  toNalUnitBytes,
  tryParse,
  type NalRole,
  type PictureOrder,
  type Pictures,
} from '#nal';
import { H265PictureOrder } from './picture-order.ts';
import { parsePps, type H265Pps } from './pps.ts';
import { isFirstSlice, isRandomAccess, layerIdOf, parseSliceHeader, readPpsId, temporalIdOf } from './slice-header.ts';
import { parseSps, type H265Sps } from './sps.ts';
import { toH265Track } from './track.ts';
import { parseVps } from './vps.ts';

export type H265PicturesOptions = {
  readonly parameterSets: readonly Uint8Array[];
  readonly clockRateHz: number;
  readonly frameRate?: number | undefined;
  /** Count picture order too, as byte streams need it. */
  readonly exact: boolean;
};

type Known<Set> = { readonly bytes: Uint8Array; readonly set: Set };

/** What H.265 knows of its pictures. Layers above the base layer travel along unread. */
export class H265Pictures implements Pictures {
  readonly #options: H265PicturesOptions;
  readonly #vps = new Map<number, Known<{ id: number }>>();
  readonly #sps = new Map<number, Known<H265Sps>>();
  readonly #pps = new Map<number, Known<H265Pps>>();
  readonly #order = new H265PictureOrder();
  readonly #orders = new WeakMap<NalUnit, PictureOrder>();
  #track: VideoTrack | undefined;
  #trackSps: Known<H265Sps> | undefined;
  #changed = true;

  constructor(options: H265PicturesOptions) {
    this.#options = options;
    for (const set of toNalUnitBytes(options.parameterSets)) {
      tryParse(() => this.learn(toNalUnit('h265', set))); // a broken set in the SDP: the in-band one will do
    }
  }

  /** Where the access unit of this first slice stands in output order; known in `exact` mode only. */
  orderOf(slice: NalUnit): PictureOrder | undefined {
    return this.#orders.get(slice);
  }

  /** @see ITU-T H.265 table 7-1, 7.4.2.4.4 */
  roleOf(type: number): NalRole {
    if (type <= 9 || isRandomAccess(type)) return 'slice';
    if (type < 32) return 'after'; // reserved slice types, ignored by decoders
    if (type <= 34) return 'parameter-set';
    if (type === 36 || type === 37) return 'end';
    if (type === 35 || type === 39 || (type >= 41 && type <= 44)) return 'before';
    return type < 48 ? 'after' : 'garbage'; // filler, suffix SEI, reserved; then RTP's own types
  }

  learn(unit: NalUnit): void {
    if (layerIdOf(unit) > 0) return;
    checkParameterSetSize(unit);
    const bytes = toContiguous(unit);
    const type = nalTypeOf('h265', bytes[0]!);
    if (type === 32) this.#keep(this.#vps, { bytes, set: parseVps(bytes) });
    else if (type === 33) this.#keep(this.#sps, { bytes, set: parseSps(bytes) });
    else if (type === 34) this.#keep(this.#pps, { bytes, set: parsePps(bytes) });
  }

  restart(): void {
    this.#order.restart();
  }

  beginsAccessUnit(slice: NalUnit): boolean {
    if (!isFirstSlice(slice) || layerIdOf(slice) > 0) return false;
    if (this.#options.exact) this.#count(slice);
    return true;
  }

  awaitsField(): boolean {
    return false;
  }

  activate(slice: NalUnit, key: boolean): VideoTrack | undefined {
    const sps = this.#setsOf(slice)?.sps;
    const known = sps && this.#sps.get(sps.id);
    if (!known || this.#vps.size === 0) return undefined;
    if (this.#track && !key) return this.#track;
    const current = this.#trackSps;
    if (this.#track && !this.#changed && current && looksTheSame(current.set, known.set)) return this.#track;
    this.#track = this.#describe(known.bytes);
    this.#trackSps = known;
    this.#changed = false;
    return this.#track;
  }

  isKey(nalUnits: readonly NalUnit[]): boolean {
    return nalUnits.some((unit) => isRandomAccess(unit.type));
  }

  /** Sub-layer non-reference pictures of the highest sub-layer are predicted from by none. @see ITU-T H.265 3.154 */
  isReference(nalUnits: readonly NalUnit[]): boolean {
    const highest = (this.#trackSps?.set.maxSubLayers ?? 1) - 1;
    return nalUnits.some((unit) => {
      if (this.roleOf(unit.type) !== 'slice') return false;
      return unit.type % 2 === 1 || unit.type >= 16 || temporalIdOf(unit) < highest;
    });
  }

  #count(slice: NalUnit): void {
    const sets = this.#setsOf(slice);
    if (!sets) return;
    const header = tryParse(() => parseSliceHeader(slice, sets));
    if (header) this.#orders.set(slice, this.#order.next(header, sets.sps));
  }

  /** Sets outlive their socket chunk: they are copied, once. */
  #keep<Set extends { id: number }>(sets: Map<number, Known<Set>>, known: Known<Set>): void {
    const before = sets.get(known.set.id);
    if (before && equalBytes(before.bytes, known.bytes)) return;
    sets.set(known.set.id, { bytes: known.bytes.slice(), set: known.set });
    this.#changed = true;
  }

  #setsOf(slice: NalUnit): { sps: H265Sps; pps: H265Pps } | undefined {
    const ppsId = tryParse(() => readPpsId(slice));
    const pps = ppsId === undefined ? undefined : this.#pps.get(ppsId)?.set;
    const sps = pps && this.#sps.get(pps.spsId)?.set;
    return pps && sps && { sps, pps };
  }

  #describe(active: Uint8Array): VideoTrack {
    const { clockRateHz, frameRate } = this.#options;
    const bytesOf = (sets: Map<number, Known<unknown>>): Uint8Array[] => [...sets.values()].map(({ bytes }) => bytes);
    const sps = bytesOf(this.#sps).filter((bytes) => bytes !== active);
    const parameterSets = [...bytesOf(this.#vps), active, ...sps, ...bytesOf(this.#pps)];
    return toH265Track({ parameterSets, clockRateHz, frameRate });
  }
}

/** Another SPS of the same stream that looks the same to a player: no new description. */
function looksTheSame(a: H265Sps, b: H265Sps): boolean {
  const sameLevel = a.profile.profileIdc === b.profile.profileIdc && a.profile.levelIdc === b.profile.levelIdc;
  return sameLevel && a.widthPx === b.widthPx && a.heightPx === b.heightPx;
}
