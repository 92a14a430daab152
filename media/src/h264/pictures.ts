import type { NalUnit, VideoTrack } from '#frame';
import { equalBytes } from '#bytes';
import {
  byteAt,
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
import { H264PictureOrder } from './picture-order.ts';
import { parsePps, type H264Pps } from './pps.ts';
import { findRecoveryPoint } from './recovery-point.ts';
import { isFirstSlice, parseSliceHeader, readPpsId, readSliceStart, type H264SliceHeader } from './slice-header.ts';
import { parseSps, type H264Sps } from './sps.ts';
import { toH264Track } from './track.ts';

/** nal_unit_type → role. @see ITU-T H.264 table 7-1, 7.4.1.2.3 */
const roles: readonly NalRole[] = [
  'garbage', // 0 unspecified
  'slice', // 1 non-IDR
  'slice', // 2 data partition A
  'slice', // 3 data partition B
  'slice', // 4 data partition C
  'slice', // 5 IDR
  'before', // 6 SEI
  'parameter-set', // 7 SPS
  'parameter-set', // 8 PPS
  'before', // 9 access unit delimiter
  'end', // 10 end of sequence
  'end', // 11 end of stream
  'after', // 12 filler data
  'before', // 13 SPS extension
  'before', // 14 prefix
  'before', // 15 subset SPS
  'before', // 16 depth parameter set
  'before', // 17 reserved
  'before', // 18 reserved
  'after', // 19 auxiliary slice
  'after', // 20 slice extension
  'after', // 21 slice extension for depth
  'after', // 22 reserved
  'after', // 23 reserved
];

export type H264PicturesOptions = {
  readonly parameterSets: readonly Uint8Array[];
  readonly clockRateHz: number;
  readonly frameRate?: number | undefined;
  /** Read whole slice headers to find picture boundaries and order, as byte streams need it; RTP needs one bit. */
  readonly exact: boolean;
};

type Known<Set> = { readonly bytes: Uint8Array; readonly set: Set };

/** What H.264 knows of its pictures. Whole slice headers are read only where fields may come or `exact` asks for it. */
export class H264Pictures implements Pictures {
  readonly #options: H264PicturesOptions;
  readonly #sps = new Map<number, Known<H264Sps>>();
  readonly #pps = new Map<number, Known<H264Pps>>();
  readonly #order = new H264PictureOrder();
  readonly #orders = new WeakMap<NalUnit, PictureOrder>();
  #interlaced = false;
  #last: H264SliceHeader | undefined;
  #isSecondField = false;
  #track: VideoTrack | undefined;
  #trackSps: Known<H264Sps> | undefined;
  #changed = true;

  constructor(options: H264PicturesOptions) {
    this.#options = options;
    for (const set of toNalUnitBytes(options.parameterSets)) {
      tryParse(() => this.learn(toNalUnit('h264', set))); // a broken set in the SDP: the in-band one will do
    }
  }

  /** Where the access unit of this first slice stands in output order; known in `exact` mode only. */
  orderOf(slice: NalUnit): PictureOrder | undefined {
    return this.#orders.get(slice);
  }

  roleOf(type: number): NalRole {
    return roles[type] ?? 'garbage';
  }

  learn(unit: NalUnit): void {
    checkParameterSetSize(unit);
    const bytes = toContiguous(unit);
    if (nalTypeOf('h264', bytes[0]!) === 7) {
      const set = parseSps(bytes);
      this.#keep(this.#sps, set.id, { bytes, set });
      this.#interlaced ||= !set.frameMbsOnly;
    } else {
      const set = parsePps(bytes);
      this.#keep(this.#pps, set.id, { bytes, set });
    }
  }

  restart(): void {
    this.#last = undefined; // What follows is IDR and cannot be told apart from the IDR before by its header alone.
  }

  beginsAccessUnit(slice: NalUnit): boolean {
    if (slice.type === 3 || slice.type === 4) return false;
    if (!this.#options.exact && !this.#interlaced) return isFirstSlice(slice);
    const sets = this.#setsOf(slice);
    const header = sets && tryParse(() => parseSliceHeader(slice, sets));
    if (!header) {
      this.#last = undefined;
      return isFirstSlice(slice);
    }
    if (header.redundantPicCnt > 0) return false;
    const last = this.#last;
    if (last && !isOtherPicture(last, header)) return false;
    const isSecondField = last !== undefined && !this.#isSecondField && isOtherField(last, header);
    this.#last = header;
    this.#isSecondField = isSecondField;
    const order = this.#order.next(header, sets.sps);
    if (!isSecondField) this.#orders.set(slice, order);
    return !isSecondField;
  }

  awaitsField(): boolean {
    return this.#last !== undefined && this.#last.field !== 'frame' && !this.#isSecondField;
  }

  activate(slice: NalUnit, key: boolean): VideoTrack | undefined {
    const sets = this.#setsOf(slice);
    if (!sets) return undefined;
    if (this.#track && !key) return this.#track;
    const known = this.#sps.get(sets.sps.id)!;
    const current = this.#trackSps;
    if (this.#track && !this.#changed && current && looksTheSame(current.set, known.set)) return this.#track;
    this.#track = this.#describe(known.bytes);
    this.#trackSps = known;
    this.#changed = false;
    return this.#track;
  }

  isKey(nalUnits: readonly NalUnit[]): boolean {
    if (nalUnits.some((unit) => unit.type === 5)) return true;
    const recovers = nalUnits.some((unit) => unit.type === 6 && findRecoveryPoint(unit) === 0);
    return recovers && nalUnits.every((unit) => unit.type > 2 || unit.type === 0 || isIntra(unit));
  }

  isReference(nalUnits: readonly NalUnit[]): boolean {
    return nalUnits.some((unit) => unit.type >= 1 && unit.type <= 5 && (byteAt(unit, 0) & 0x60) !== 0);
  }

  /** Sets outlive their socket chunk: they are copied, once. */
  #keep<Set>(sets: Map<number, Known<Set>>, id: number, known: Known<Set>): void {
    const before = sets.get(id);
    if (before && equalBytes(before.bytes, known.bytes)) return;
    sets.set(id, { bytes: known.bytes.slice(), set: known.set });
    this.#changed = true;
  }

  #setsOf(slice: NalUnit): { sps: H264Sps; pps: H264Pps } | undefined {
    const ppsId = tryParse(() => readPpsId(slice));
    const pps = ppsId === undefined ? undefined : this.#pps.get(ppsId)?.set;
    const sps = pps && this.#sps.get(pps.spsId)?.set;
    return pps && sps && { sps, pps };
  }

  #describe(active: Uint8Array): VideoTrack {
    const sps = [...this.#sps.values()].map(({ bytes }) => bytes).filter((bytes) => bytes !== active);
    const pps = [...this.#pps.values()].map(({ bytes }) => bytes);
    const { clockRateHz, frameRate } = this.#options;
    return toH264Track({ parameterSets: [active, ...sps, ...pps], clockRateHz, frameRate });
  }
}

/** Another SPS of the same stream that looks the same to a player: no new description. */
function looksTheSame(a: H264Sps, b: H264Sps): boolean {
  const sameLevel = a.profileIdc === b.profileIdc && a.levelIdc === b.levelIdc;
  return sameLevel && a.widthPx === b.widthPx && a.heightPx === b.heightPx;
}

function isIntra(slice: NalUnit): boolean {
  const sliceType = tryParse(() => readSliceStart(slice))?.sliceType;
  return sliceType === 2 || sliceType === 4;
}

/**
 * First slice of another primary coded picture. Another PPS alone, or another order of the bottom field, does not make one
 * behind macroblock 0: decoders take such slices into one picture.
 * @see ITU-T H.264 7.4.1.2.4
 */
function isOtherPicture(a: H264SliceHeader, b: H264SliceHeader): boolean {
  return (
    a.frameNum !== b.frameNum ||
    b.firstMb === 0 ||
    a.field !== b.field ||
    (a.refIdc === 0) !== (b.refIdc === 0) ||
    a.pocLsb !== b.pocLsb ||
    a.deltaPoc[0] !== b.deltaPoc[0] ||
    (a.nalType === 5) !== (b.nalType === 5) ||
    a.idrPicId !== b.idrPicId
  );
}

/** Second field of the frame whose first field came last. */
function isOtherField(first: H264SliceHeader, second: H264SliceHeader): boolean {
  const opposite = first.field !== 'frame' && second.field !== 'frame' && first.field !== second.field;
  return opposite && first.frameNum === second.frameNum && second.nalType !== 5;
}
