/**
 * The chain's tables, in the same file as the index, so that a fact and the row it speaks of are written together or not at all. `body` is
 * the fact's canonical text. `chain_of` says which fact speaks of a segment that is there.
 */
export const chainSchema = `
create table if not exists chain (
  camera text not null,
  seq integer not null,
  body text not null,
  link text not null,
  signature text,
  key text,
  primary key (camera, seq)
) strict, without rowid;
create table if not exists chain_of (
  camera text not null,
  seq integer not null,
  segment integer not null unique references segment (id) on delete cascade,
  primary key (camera, seq)
) strict, without rowid;
create table if not exists chain_head (
  camera text not null,
  seq integer not null,
  signed text not null,
  receipt text,
  saved integer not null default 0,
  primary key (camera, seq)
) strict, without rowid;
create index if not exists chain_head_waiting on chain_head (camera, seq) where receipt is null;
create table if not exists chain_certificate (key text primary key, pem text not null, role text not null) strict, without rowid;
`;

/** A closed segment as the chain reads it. */
export type FactRow = {
  readonly camera: string;
  readonly stream: string;
  readonly path: string;
  readonly run: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly startTicks: number;
  readonly durationTicks: number;
  readonly clockRateHz: number;
  readonly sizeBytes: number;
  readonly frames: number;
  readonly packetsLost: number;
  readonly codec: string;
  readonly initHash: string;
  readonly sha256: string | null;
  readonly seq: number | null;
};

export const factRowSql = `select segment.camera, stream, path, run, start_ms as startMs, end_ms as endMs, start_ticks as startTicks,
  duration_ticks as durationTicks, clock_rate_hz as clockRateHz, size_bytes as sizeBytes, frames, packets_lost as packetsLost,
  codec, init_hash as initHash, sha256, seq from segment left join chain_of on chain_of.segment = segment.id where id = ? and open = 0`;
