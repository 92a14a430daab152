/** Days as the browser's zone has them: 23, 24 or 25 hours long. In and out: `YYYY-MM-DD` and wall milliseconds. */
const two = (value: number): string => String(value).padStart(2, '0');

/** The local day that holds a time. */
export function toDay(wallMs: number): string {
  const at = new Date(wallMs);
  return `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** The day some days later or earlier. */
export function toShiftedDay(day: string, days: number): string {
  const [year = 1970, month = 1, date = 1] = day.split('-').map(Number);
  return toDay(new Date(year, month - 1, date + days, 12).getTime());
}

/** Where a day starts and where the next one does. */
export function toDayBounds(day: string): { fromMs: number; toMs: number } {
  const [year = 1970, month = 1, date = 1] = day.split('-').map(Number);
  return { fromMs: new Date(year, month - 1, date).getTime(), toMs: new Date(year, month - 1, date + 1).getTime() };
}

/** Whether text is a day of the calendar. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && toDay(toDayBounds(text).fromMs) === text;
}
