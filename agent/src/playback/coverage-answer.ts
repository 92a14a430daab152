import type { Archive } from '#archive';
import { findMonth } from '#coverage';
import type { Clock } from '@porchlight/base/clock';
import { HouseError } from '@porchlight/base/errors';
import { endpoints } from '@porchlight/contract/endpoints';
import type { CameraId } from '@porchlight/contract/ids';
import type { CoverageMonth } from '@porchlight/contract/recordings';

/** The zone of the machine that records. */
const houseZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Answers what is recorded of a month. Throws `HouseError` invalid. */
export function answerCoverage(
  { archive, clock }: { readonly archive: Archive; readonly clock: Clock },
  camera: CameraId,
  asked: Record<string, string>,
): CoverageMonth {
  const query = endpoints.getCoverage.query.safeParse(asked);
  if (!query.success) {
    const fix = 'Give ?month=2026-11, and ?timeZone=Europe/Berlin if another than that of the house is meant';
    throw new HouseError('invalid', 'Expected `month` as YYYY-MM and `timeZone`, if given, as an IANA name', { fix });
  }
  const { month, timeZone = houseZone() } = query.data;
  const findSpans = (fromMs: number, toMs: number) => archive.findSpans(camera, fromMs, toMs);
  return findMonth({ month, timeZone, nowMs: clock.nowMs(), findSpans });
}
