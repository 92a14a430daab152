import type { Health } from '#health';
import type { AgentAlarmKind } from '@porchlight/contract/alarms';
import { noWrites, writeBoundsMs, type WriteFigures, type WriteTrouble } from './write-meter.ts';

/** A write that takes longer is a slow one; more than this share of them, and at least so many, is a slow disk. */
const slowMs = 500;
const slowShare = 0.1;
const fewestSlow = 3;

const kinds: Readonly<Record<WriteTrouble, AgentAlarmKind>> = {
  full: 'disk-full',
  'read-only': 'disk-read-only',
  missing: 'disk-gone',
  wrong: 'disk-gone',
  failing: 'disk-failing',
};

/** What writes tell of the disk. */
export type DiskVitals = {
  /** Takes the figures of all threads, about once a second. */
  take(figures: WriteFigures): void;
};

/** Opens it for one place of footage; `part` names it in alarms. */
export function openDiskVitals(health: Pick<Health, 'report'>, part: string): DiskVitals {
  let before = noWrites;
  return {
    take(figures) {
      const writes = figures.writes - before.writes;
      const news = (Object.entries(figures.troubles) as [WriteTrouble, number][]).filter(
        ([trouble, count]) => count > (before.troubles[trouble] ?? 0),
      );
      const slow = slowOf(figures) - slowOf(before);
      before = figures;
      for (const [trouble] of news) health.report({ kind: kinds[trouble], part, ok: false });
      if (writes <= 0) return;
      if (news.length === 0) health.report({ kind: 'disk-failing', part, ok: true });
      const isSlow = slow >= fewestSlow && slow > writes * slowShare;
      health.report({ kind: 'disk-slow', part, ok: !isSlow });
    },
  };
}

const slowOf = ({ buckets }: WriteFigures): number =>
  buckets.reduce((sum, count, index) => ((writeBoundsMs[index] ?? Infinity) > slowMs ? sum + count : sum), 0);
