import type { StreamName } from '@porchlight/contract/camera';
import type { GapReason } from '@porchlight/contract/recordings';
import type { SegmentFacts } from './segment-view.ts';

/** One segment as the index has it. */
export type SegmentRow = SegmentFacts & {
  readonly sizeBytes: number;
  /** Hexadecimal; undefined while open and until a repaired file has been hashed. */
  readonly sha256: string | undefined;
};

export type NewSegment = Omit<SegmentRow, 'id' | 'endMs' | 'durationTicks' | 'sizeBytes' | 'sha256' | 'open'>;

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
 * `class`, `hold`, `offsite`, `volume` and `derived_from` wait for retention budgets, legal hold, off-site copies, moving
 * between volumes and thinning; nothing reads them yet. `init` keeps each init section once: a playlist names it by hash.
 */
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
create index if not exists segment_by_age on segment (start_ms) where open = 0 and hold = 0;
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
  used_bytes integer not null default 0,
  kept_from_ms integer not null default 0
) strict;
create table if not exists fact (name text primary key, value text not null) strict, without rowid;
`;

export const columns = `id, camera, stream, path, run, start_ms as startMs, end_ms as endMs, start_ticks as startTicks,
  duration_ticks as durationTicks, clock_rate_hz as clockRateHz, size_bytes as sizeBytes, codec as codecString,
  init_hash as initHash, sha256, open`;
