import type { KeepingRows, SegmentRow } from '#index-store';
import type { CameraId } from '@porchlight/contract/ids';
import type { VolumeId } from '@porchlight/contract/storage';

const batch = 16;

type Kind = { readonly class: SegmentRow['class']; readonly waiting: boolean };
type Line = { rows: SegmentRow[]; at: number };

/** The oldest segments of several cameras on several volumes, one after another; a few rows are read at a time. */
export class OldestQueue {
  readonly #rows: KeepingRows;
  readonly #volumes: readonly VolumeId[];
  readonly #lines = new Map<string, Line>();
  readonly #skipped = new Set<number>();

  constructor(rows: KeepingRows, volumes: readonly VolumeId[]) {
    this.#rows = rows;
    this.#volumes = volumes;
  }

  /** The oldest segment of this kind that any of the cameras has, once; it is to be removed before the next is taken. */
  take(cameras: Iterable<CameraId>, kind: Kind, beforeMs = Number.MAX_SAFE_INTEGER): SegmentRow | undefined {
    let oldest: { line: Line; row: SegmentRow } | undefined;
    for (const camera of cameras) {
      for (const volume of this.#volumes) {
        const line = this.#line(volume, camera, kind);
        const row = line.rows[line.at];
        if (row !== undefined && row.startMs < beforeMs && row.startMs < (oldest?.row.startMs ?? Infinity))
          oldest = { line, row };
      }
    }
    if (oldest === undefined) return undefined;
    oldest.line.at++;
    return oldest.row;
  }

  /** The segment could not be removed: it is still in the index and must not come again. */
  skip({ id }: SegmentRow): void {
    this.#skipped.add(id);
  }

  #line(volume: VolumeId, camera: CameraId, kind: Kind): Line {
    const key = `${volume} ${camera} ${kind.class} ${kind.waiting}`;
    let line = this.#lines.get(key);
    if (line === undefined || (line.at === line.rows.length && line.rows.length === batch)) {
      const rows = this.#rows.listOldest({ volume, camera, ...kind }, batch + this.#skipped.size);
      line = { rows: rows.filter(({ id }) => !this.#skipped.has(id)).slice(0, batch), at: 0 };
      this.#lines.set(key, line);
    }
    return line;
  }
}
