import type { AudioFrame, TrackDescription } from '@porchlight/media/frame';
import { openLoop, type Movie } from '@porchlight/media/mp4';
import { toPacketBlock, type PacketBlock } from './packet-block.ts';
import { toPayloads } from './payloads.ts';

/** A track that can be sent over RTP, with its payload type. */
export type SceneTrack = {
  readonly description: TrackDescription;
  readonly payloadType: number;
};

/** When one frame of the loop is sent, within its round. */
export type SceneEntry = {
  readonly track: number;
  /** Number of the sample in the movie's track. */
  readonly sample: number;
  /** Milliseconds since the start of the round. */
  readonly dueMs: number;
  /** Presentation time since the start of the round, in ticks of the RTP clock. */
  readonly ptsTicks: number;
  readonly key: boolean;
};

/** A movie prepared to be played for ever to many clients: a schedule of one round and its packets, made once. */
export type Scene = {
  readonly tracks: readonly SceneTrack[];
  readonly durationMs: number;
  /** One round, in the order of sending. */
  readonly entries: readonly SceneEntry[];
  /** The packets of an entry; shared: whoever keeps the bytes after sending must call `lend`. */
  block(entry: number): PacketBlock;
  /** The bytes of this entry's block are still being sent: the next caller of `block` gets others. */
  lend(entry: number): void;
};

/** Packets kept in memory by one scene; a longer movie is packetized again each round. */
const maxCachedBytes = 256 << 20;

const staticPayloadTypes: Readonly<Record<string, number>> = { pcmu: 0, pcma: 8 };

/** Prepares a movie. Tracks that have no place in RTP (FLAC) are left out; throws `TypeError` when none is left. */
export function openScene(movie: Movie): Scene {
  const sendable = movie.tracks.flatMap((track, index) => (track.codec === 'flac' ? [] : [index]));
  if (sendable.length === 0) throw new TypeError('Expected a movie with a track that RTP can carry');
  const tracks = sendable.map((index) => toSceneTrack(movie.tracks[index]!, index));
  const { durationMs, entries } = planRound(movie, sendable);
  const blocks: (PacketBlock | undefined)[] = new Array<PacketBlock | undefined>(entries.length).fill(undefined);
  let cachedBytes = 0;
  return {
    tracks,
    durationMs,
    entries,
    block(entry) {
      const cached = blocks[entry];
      if (cached) return cached;
      const { track, sample } = entries[entry]!;
      const { description, payloadType } = tracks[track]!;
      const frame = movie.readSample(sendable[track]!, sample);
      const marker = description.kind === 'video' || description.codec === 'aac';
      const block = toPacketBlock(toPayloads(description, frame), payloadType, marker);
      if (cachedBytes + block.bytes.length <= maxCachedBytes) {
        blocks[entry] = block;
        cachedBytes += block.bytes.length;
      }
      return block;
    },
    lend(entry) {
      const block = blocks[entry];
      if (block) blocks[entry] = { ...block, bytes: block.bytes.slice() };
    },
  };
}

function toSceneTrack(description: TrackDescription, index: number): SceneTrack {
  const fixed = description.kind === 'audio' && description.sampleRateHz === 8000 && description.channels === 1;
  const payloadType = (fixed ? staticPayloadTypes[description.codec] : undefined) ?? 96 + index;
  return { description: { ...description, clockRateHz: toRtpClockRateHz(description) }, payloadType };
}

/** The RTP clock of a codec, whatever the movie counts in. @see RFC 6184 8.1, RFC 7798 7.1, RFC 7587 4.1, RFC 3551 4.5.14 */
function toRtpClockRateHz(description: TrackDescription): number {
  if (description.kind === 'video') return 90_000;
  return description.codec === 'opus' ? 48_000 : description.sampleRateHz;
}

/**
 * One round of the loop without reading a sample: each track's entries are those from its first decode time up to one
 * round later.
 */
function planRound(movie: Movie, sendable: readonly number[]): { durationMs: number; entries: SceneEntry[] } {
  const loop = openLoop({
    ...movie,
    tracks: sendable.map((index) => movie.tracks[index]!),
    samples: sendable.map((index) => movie.samples[index]!),
    readSample: (track, index): AudioFrame => {
      const table = movie.samples[sendable[track]!]!;
      const ptsTicks = table.dtsTicks[index]! + table.compositionTicks[index]!;
      return { kind: 'audio', track, ptsTicks, durationTicks: 0, data: new Uint8Array(0) };
    },
  });
  const counts = sendable.map(() => 0);
  const firstDueMs = sendable.map(() => -1);
  const open = new Set(sendable.keys());
  const entries: SceneEntry[] = [];
  while (open.size > 0) {
    const { frame, dueMs } = loop.next();
    const { track } = frame;
    if (firstDueMs[track]! < 0) firstDueMs[track] = dueMs;
    if (dueMs >= firstDueMs[track]! + loop.durationMs - 0.5) {
      open.delete(track);
      continue;
    }
    const sample = counts[track]!++;
    const key = movie.samples[sendable[track]!]!.sync[sample] === 1;
    const inFile = movie.tracks[sendable[track]!]!;
    const ptsTicks = Math.round((frame.ptsTicks * toRtpClockRateHz(inFile)) / inFile.clockRateHz);
    entries.push({ track, sample, dueMs, ptsTicks, key });
  }
  return { durationMs: loop.durationMs, entries };
}
