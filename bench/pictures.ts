/** Whether every picture that the load generator sent is in the index. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export type PictureCheck = {
  readonly sent: number;
  /** By the facts of all files closed, those that retention has deleted since included. */
  readonly recorded: number;
  /** Pictures missing between the first and the last recorded one of each camera. */
  readonly missingInside: number;
  /** Files that do not begin where the file before ended, so runs begun again. */
  readonly seams: number;
  /** The first of them, in words. */
  readonly firstSeam?: string;
  /** The most that one camera sent and the index does not have: what was on its way when the agent was stopped. */
  readonly worstTail: number;
  readonly deletedFiles: number;
  /** Of all files, those deleted since included. */
  readonly fileBytes: number;
};

type Row = {
  camera: string;
  kind: 'segment' | 'tombstone';
  run: string;
  start: number;
  duration: number;
  rate: number;
  frames: number;
  bytes: number;
  fromMs: number;
};

/** `sent`: pictures per camera, counted by whoever sent them. `agentFolder`: of an agent that has ended. */
export function checkPictures(agentFolder: string, sent: Readonly<Record<string, number>>, fps: number): PictureCheck {
  using db = new DatabaseSync(join(agentFolder, 'index.sqlite'), { readOnly: true });
  const field = (name: string): string => `json_extract(body, '$.what.${name}')`;
  const facts = db
    .prepare(
      `select camera, ${field('kind')} as kind, ${field('run')} as run, ${field('startTicks')} as start, ${field('durationTicks')} as duration,
        ${field('clockRateHz')} as rate, ${field('frames')} as frames,
        ${field('sizeBytes')} as bytes, ${field('fromMs')} as fromMs
      from chain where ${field('kind')} in ('segment', 'tombstone') order by camera, seq`,
    )
    .all() as Row[];
  const recorded = new Map<string, number>();
  let [missingInside, seams, fileBytes] = [0, 0, 0];
  let firstSeam: string | undefined;
  let last: Row | undefined;
  for (const row of facts) {
    if (row.kind !== 'segment') continue;
    recorded.set(row.camera, (recorded.get(row.camera) ?? 0) + row.frames);
    fileBytes += row.bytes;
    missingInside += Math.round((row.duration / row.rate) * fps) - row.frames;
    const follows = last?.run === row.run && last.start + last.duration === row.start;
    if (last?.camera === row.camera && !follows) {
      seams++;
      firstSeam ??= `${row.camera}: ${row.start - last.start - last.duration} ticks at ${new Date(row.fromMs).toISOString()}, ${last.run === row.run ? 'one run' : 'another run'}`;
    }
    last = row;
  }
  const tails = Object.entries(sent).map(([camera, pictures]) => pictures - (recorded.get(camera) ?? 0));
  return {
    sent: Object.values(sent).reduce((sum, pictures) => sum + pictures, 0),
    recorded: [...recorded.values()].reduce((sum, pictures) => sum + pictures, 0),
    ...{ missingInside, seams },
    ...(firstSeam === undefined ? {} : { firstSeam }),
    worstTail: Math.max(...tails),
    deletedFiles: facts.filter(({ kind }) => kind === 'tombstone').length,
    fileBytes,
  };
}

/** Files that are open by the index. */
export function countOpen(agentFolder: string): number {
  using db = new DatabaseSync(join(agentFolder, 'index.sqlite'));
  return Number(db.prepare('select count(*) as count from segment where open = 1').get()!['count']);
}
