/** The part of a day that the timeline shows, and where times lie on it. Pure. */
export type View = { readonly fromMs: number; readonly toMs: number };

const shortestMs = 60_000;
const minuteMs = 60_000;
const hourMs = 3_600_000;

export const toX = (view: View, widthPx: number, wallMs: number): number =>
  ((wallMs - view.fromMs) / (view.toMs - view.fromMs)) * widthPx;

export const toWallMs = (view: View, widthPx: number, xPx: number): number =>
  Math.round(view.fromMs + (xPx / widthPx) * (view.toMs - view.fromMs));

/** Keeps a view inside its bounds without changing its length, unless it is longer than they are. */
export function toClamped(view: View, bounds: View): View {
  const length = Math.min(view.toMs - view.fromMs, bounds.toMs - bounds.fromMs);
  const fromMs = Math.min(Math.max(view.fromMs, bounds.fromMs), bounds.toMs - length);
  return { fromMs: Math.round(fromMs), toMs: Math.round(fromMs + length) };
}

/** Zooms by a factor (below 1: closer) and keeps the time under the pointer in its place. */
export function toZoomed(view: View, bounds: View, zoom: { factor: number; anchorMs: number }): View {
  const length = view.toMs - view.fromMs;
  const most = bounds.toMs - bounds.fromMs;
  const wanted = Math.min(most, Math.max(Math.min(shortestMs, most), length * zoom.factor));
  const share = (zoom.anchorMs - view.fromMs) / length;
  const fromMs = zoom.anchorMs - share * wanted;
  return toClamped({ fromMs, toMs: fromMs + wanted }, bounds);
}

export const toMoved = (view: View, bounds: View, byMs: number): View =>
  toClamped({ fromMs: view.fromMs + byMs, toMs: view.toMs + byMs }, bounds);

/** Moves the view by whole steps so that a time that runs out of it is seen again. */
export function toFollowing(view: View, bounds: View, wallMs: number): View {
  const length = view.toMs - view.fromMs;
  const margin = length * 0.06;
  if (wallMs >= view.fromMs && wallMs <= view.toMs - margin) return view;
  return toClamped({ fromMs: wallMs - length * 0.2, toMs: wallMs + length * 0.8 }, bounds);
}

/** What to show of today at first: all of it, or only what is recorded when that is so little that it would hide under the playhead. */
export function toFirstView(bounds: View, firstMs: number | undefined, nowMs: number): View {
  if (firstMs === undefined || nowMs > bounds.toMs || nowMs - firstMs > 6 * hourMs) return bounds;
  const length = Math.max(10 * minuteMs, (nowMs - firstMs) * 1.3);
  return toClamped({ fromMs: nowMs - length * 0.85, toMs: nowMs + length * 0.15 }, bounds);
}

/** One mark on the ruler. `major` ones carry their time. */
export type Tick = { readonly wallMs: number; readonly major: boolean };

const steps: readonly (readonly [minorMs: number, majorMs: number])[] = [
  [1000, 5000],
  [1000, 10_000],
  [5000, 30_000],
  [10_000, minuteMs],
  [minuteMs, 5 * minuteMs],
  [minuteMs, 10 * minuteMs],
  [5 * minuteMs, 30 * minuteMs],
  [10 * minuteMs, hourMs],
  [30 * minuteMs, 2 * hourMs],
  [hourMs, 3 * hourMs],
  [hourMs, 4 * hourMs],
  [hourMs, 6 * hourMs],
  [3 * hourMs, 12 * hourMs],
];

/**
 * Marks for a view: as many labelled ones as have room. Marks lie on local times, so the hour that a day has twice, or
 * lacks, is drawn as it is.
 */
export function toTicks(view: View, widthPx: number, labelPx: number): Tick[] {
  const perMs = widthPx / (view.toMs - view.fromMs);
  const [minorMs, majorMs] = steps.find(([, major]) => major * perMs >= labelPx) ?? [6 * hourMs, 24 * hourMs];
  const ticks: Tick[] = [];
  const offsetMs = new Date(view.fromMs).getTimezoneOffset() * minuteMs;
  const align = Math.min(minorMs, hourMs);
  const firstMs = Math.ceil((view.fromMs - offsetMs) / align) * align + offsetMs;
  for (let wallMs = firstMs; wallMs <= view.toMs; wallMs += align) {
    const localMs = toLocalOfDayMs(wallMs);
    if (localMs % minorMs === 0) ticks.push({ wallMs, major: localMs % majorMs === 0 });
  }
  return ticks;
}

/** What the clock on the wall shows, as milliseconds since its midnight. */
function toLocalOfDayMs(wallMs: number): number {
  const at = new Date(wallMs);
  return ((at.getHours() * 60 + at.getMinutes()) * 60 + at.getSeconds()) * 1000 + at.getMilliseconds();
}
