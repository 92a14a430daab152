/** Numbers and times as people read them, in the browser's language and zone. */
const language = typeof navigator === 'undefined' ? 'en' : navigator.language;
const clock = new Intl.DateTimeFormat(language, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const shortClock = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const dayName = new Intl.DateTimeFormat(language, { weekday: 'short', day: 'numeric', month: 'short' });
const dateTime = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' });
const dayOfYear = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short' });
const dayOfAnyYear = new Intl.DateTimeFormat(language, { dateStyle: 'medium' });
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

export const toClock = (wallMs: number): string => clock.format(wallMs);
export const toShortClock = (wallMs: number): string => shortClock.format(wallMs);
export const toDayName = (wallMs: number): string => dayName.format(wallMs);
export const toDateTime = (wallMs: number): string => dateTime.format(wallMs);

/** `30 Nov, 14:03:10 – 14:04:10`; with the year where it is not this one, and the second day where it ends on another. */
export function toSpanText(fromMs: number, toMs: number): string {
  const thisYear = new Date(fromMs).getFullYear() === new Date().getFullYear();
  const day = thisYear ? dayOfYear : dayOfAnyYear;
  const [from, to] = [day.format(fromMs), day.format(toMs)];
  const end = from === to ? toClock(toMs) : `${to}, ${toClock(toMs)}`;
  return `${from}, ${toClock(fromMs)} – ${end}`;
}

/** `3.4 GB`; decimal units, as disks are sold. */
export function toSize(sizeBytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = sizeBytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** `2.1 Mbit/s` */
export function toBitrate(bitsPerSecond: number): string {
  if (bitsPerSecond >= 1_000_000) return `${(bitsPerSecond / 1_000_000).toFixed(1)} Mbit/s`;
  return `${Math.round(bitsPerSecond / 1000)} kbit/s`;
}

/** `1 h 05 min`, `3 min 20 s`, `12 s` */
export function toDuration(durationMs: number): string {
  const seconds = Math.round(durationMs / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} min`;
  if (seconds >= 60) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  return `${seconds} s`;
}

/** `5 minutes ago` */
export function toAgo(wallMs: number, nowMs: number): string {
  const seconds = Math.round((wallMs - nowMs) / 1000);
  if (seconds > -5) return 'just now';
  if (seconds > -90) return relative.format(seconds, 'second');
  if (seconds > -5400) return relative.format(Math.round(seconds / 60), 'minute');
  if (seconds > -129_600) return relative.format(Math.round(seconds / 3600), 'hour');
  return relative.format(Math.round(seconds / 86_400), 'day');
}

/** `front-door_2026-11-20_14-03-10.mp4`: local time, safe on every file system. */
export function toFileName(name: string, wallMs: number, extension: string): string {
  const at = new Date(wallMs);
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const time = `${two(at.getHours())}-${two(at.getMinutes())}-${two(at.getSeconds())}`;
  const safe = name
    .normalize('NFKD')
    .replace(/[^\w-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase();
  return `${safe === '' ? 'camera' : safe}_${date}_${time}.${extension}`;
}

/** A refusal such as `stallMs: A stall limit has at least 2 seconds` without the name that only programs know. */
export const toPlainText = (message: string): string => message.replace(/^[a-z]\w*(\.\w+)*: (?=[A-Z])/, '');
