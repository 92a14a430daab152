import type { StreamName } from '@porchlight/contract/camera';
import type { GapReason } from '@porchlight/contract/recordings';
import type { FootageClass, VolumeId } from '@porchlight/contract/storage';
import type { SegmentFacts } from './segment-view.ts';

/** One segment as the index has it. */
export type SegmentRow = SegmentFacts & {
  readonly sizeBytes: number;
  /** The volume that its file lies on. */
  readonly volume: VolumeId;
  /** What it was recorded for; `hold` is beside it. */
  readonly class: Exclude<FootageClass, 'held'>;
  readonly held: boolean;
  /** Whether a copy elsewhere is not asked for, still owed, or made. */
  readonly offsite: 'none' | 'wanted' | 'done';
  /** SHA-256 of the file that this one was made from by thinning. */
  readonly derivedFrom: string | undefined;
  /** Hexadecimal; undefined while open and until a repaired file has been hashed. */
  readonly sha256: string | undefined;
};

type Given =
  'camera' | 'stream' | 'path' | 'run' | 'startMs' | 'startTicks' | 'clockRateHz' | 'initHash' | 'codecString';
export type NewSegment = Pick<SegmentRow, Given> & {
  readonly volume?: VolumeId | undefined;
  readonly derivedFrom?: string;
};

/** What closing adds. */
export type ClosedSegment = {
  readonly id: number;
  readonly endMs: number;
  readonly durationTicks: number;
  readonly sizeBytes: number;
  readonly frames: number;
  readonly packetsLost: number;
  readonly sha256: string | undefined;
  readonly fragments: Uint8Array;
};

/** One uninterrupted run, or what is left of it. */
export type SpanRow = {
  readonly stream: StreamName;
  readonly run: string;
  readonly startMs: number;
  readonly endMs: number;
};
/** What a span belongs to. */
export type RunName = Pick<SegmentRow, 'camera' | 'stream' | 'run'>;
/** Why there is no footage from here on. */
export type GapRow = { readonly fromMs: number; readonly reason: GapReason };

/**
 * `init` keeps each init section once: a playlist names it by hash. `usage` follows `segment` by triggers, so that bytes are right whoever
 * changes a row; `reserve` is empty but for moments (see `IndexReserve`); `task` names the two places of a file that is being moved or thinned, until one of them is gone.
 */
const classOf = (row: 'new' | 'old'): string => `case when ${row}.hold = 0 then ${row}.class else 'held' end`;
const countNew = `insert into usage (volume, camera, class, bytes)
    select new.volume, new.camera, ${classOf('new')}, new.size_bytes where new.open = 0
    on conflict (camera, volume, class) do update set bytes = bytes + excluded.bytes;`;
const countOld = `update usage set bytes = bytes - old.size_bytes
    where old.open = 0 and volume = old.volume and camera = old.camera and class = ${classOf('old')};`;

export const schema = `
pragma journal_mode = wal;
pragma synchronous = normal;
pragma foreign_keys = on;
pragma cache_size = -8000;
create table if not exists segment (
  id integer primary key,
  camera text not null,
  stream text not null,
  path text not null unique,
  run text not null,
  start_ms integer not null,
  end_ms integer not null,
  start_ticks integer not null,
  duration_ticks integer not null default 0,
  clock_rate_hz integer not null,
  size_bytes integer not null default 0,
  frames integer not null default 0,
  packets_lost integer not null default 0,
  codec text not null,
  init_hash text not null,
  sha256 text,
  open integer not null default 1,
  class text not null default 'continuous',
  hold integer not null default 0,
  offsite text not null default 'none',
  volume text not null default 'main',
  derived_from text
) strict;
create index if not exists segment_by_camera on segment (camera, stream, start_ms);
drop index if exists segment_by_age;
create index if not exists segment_to_delete on segment (volume, camera, class, (offsite = 'wanted'), start_ms)
  where open = 0 and hold = 0;
create index if not exists segment_open on segment (open) where open = 1;
create index if not exists segment_unhashed on segment (id) where open = 0 and sha256 is null;
create table if not exists fragments (
  segment integer primary key references segment (id) on delete cascade,
  packed blob not null
) strict;
create table if not exists span (
  camera text not null,
  stream text not null,
  start_ms integer not null,
  end_ms integer not null,
  run text not null,
  primary key (camera, end_ms, stream, run)
) strict, without rowid;
create index if not exists span_by_run on span (camera, stream, run);
create table if not exists init (hash text primary key, bytes blob not null) strict, without rowid;
create table if not exists gap (
  camera text not null,
  stream text not null,
  from_ms integer not null,
  reason text not null,
  primary key (camera, stream, from_ms)
) strict, without rowid;
create table if not exists camera (
  id text primary key,
  added_ms integer not null,
  kept_from_ms integer not null default 0
) strict;
create table if not exists usage (
  volume text not null,
  camera text not null,
  class text not null,
  bytes integer not null,
  primary key (camera, volume, class)
) strict, without rowid;
create trigger if not exists usage_added after insert on segment when new.open = 0 begin ${countNew} end;
create trigger if not exists usage_changed after update of open, size_bytes, class, hold, volume on segment begin
  ${countOld} ${countNew}
end;
create trigger if not exists usage_removed after delete on segment when old.open = 0 begin ${countOld} end;
create table if not exists task (
  segment integer primary key,
  kind text not null,
  from_volume text not null,
  from_path text not null,
  to_volume text not null,
  to_path text not null
) strict;
create table if not exists reserve (bytes blob not null) strict;
create table if not exists fact (name text primary key, value text not null) strict, without rowid;
`;

export const columns = `id, camera, stream, path, run, start_ms as startMs, end_ms as endMs, start_ticks as startTicks,
  duration_ticks as durationTicks, clock_rate_hz as clockRateHz, size_bytes as sizeBytes, codec as codecString,
  init_hash as initHash, sha256, open, volume, class, hold, offsite, derived_from as derivedFrom`;

/** Counts an index that was made before `usage` was. */
export const countUsage = `insert into usage (volume, camera, class, bytes)
  select volume, camera, case when hold = 0 then class else 'held' end, sum(size_bytes) from segment where open = 0 group by 1, 2, 3`;
