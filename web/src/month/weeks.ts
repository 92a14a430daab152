/** The calendar of a month, as rows of weeks. Pure; days as `YYYY-MM-DD`, months as `YYYY-MM`. */
const dayMs = 86_400_000;

/** Rows of seven; undefined where a day is of another month. `firstDay`: 1 Monday … 7 Sunday. */
export function toWeeks(month: string, firstDay: number): (string | undefined)[][] {
  const firstMs = Date.parse(`${month}-01T00:00:00Z`);
  const weekday = new Date(firstMs).getUTCDay() || 7;
  const cells = new Array<string | undefined>((weekday - firstDay + 7) % 7).fill(undefined);
  for (let ms = firstMs; toName(ms).startsWith(month); ms += dayMs) cells.push(toName(ms));
  while (cells.length % 7 > 0) cells.push(undefined);
  return Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7));
}

/** The month some months later or earlier. */
export function toShiftedMonth(month: string, by: number): string {
  const [year = 1970, one = 1] = month.split('-').map(Number);
  return toName(Date.UTC(year, one - 1 + by, 1)).slice(0, 7);
}

/** Which day weeks begin with where the reader lives. */
export function toFirstDay(language: string): number {
  const locale = new Intl.Locale(language) as unknown as WeekInfo;
  return (locale.getWeekInfo?.() ?? locale.weekInfo)?.firstDay ?? 1;
}

/** Not in TypeScript's library yet; browsers have one or the other. */
type WeekInfo = { getWeekInfo?: () => { firstDay: number }; weekInfo?: { firstDay: number } };

const toName = (utcMs: number): string => new Date(utcMs).toISOString().slice(0, 10);
