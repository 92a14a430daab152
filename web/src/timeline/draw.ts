import { toShortClock, toClock } from '#ui';
import { isCalm, type Coverage, type Stretch } from './coverage.ts';
import { toTicks, toX, type View } from './scale.ts';

/** A stretch that is marked. */
export type Mark = { readonly fromMs: number; readonly toMs: number };

/** Everything that is on the timeline at one moment. */
export type Scene = {
  readonly view: View;
  readonly coverage: Coverage | undefined;
  /** What happened, over the footage. */
  readonly events: readonly Mark[];
  /** What is kept for good. */
  readonly holds: readonly Mark[];
  readonly playheadMs: number | undefined;
  readonly nowMs: number;
  readonly selection: { readonly fromMs: number; readonly toMs: number } | undefined;
  readonly hoverMs: number | undefined;
  readonly live: boolean;
};

export const timelineHeightPx = 76;
const barTop = 26;
const barHeight = 42;
const labelPx = 62;
const markPx = 6;

type Pen = {
  readonly context: CanvasRenderingContext2D;
  readonly widthPx: number;
  readonly colour: (name: string) => string;
};

/** Draws a scene into a canvas at the device's own resolution. */
export function drawTimeline(canvas: HTMLCanvasElement, widthPx: number, scene: Scene): void {
  const ratio = devicePixelRatio;
  canvas.width = Math.round(widthPx * ratio);
  canvas.height = Math.round(timelineHeightPx * ratio);
  const context = canvas.getContext('2d');
  if (!context) return;
  const style = getComputedStyle(canvas);
  const pen: Pen = { context, widthPx, colour: (name) => style.getPropertyValue(name).trim() };
  context.scale(ratio, ratio);
  context.clearRect(0, 0, widthPx, timelineHeightPx);
  context.font = `12px ${style.fontFamily}`;
  context.save();
  context.beginPath();
  context.roundRect(0, barTop, widthPx, barHeight, 9);
  context.clip();
  drawFootage(pen, scene);
  drawMarks(pen, scene.view, { marks: scene.holds, colour: '--pl-hold', topPx: barTop });
  drawMarks(pen, scene.view, { marks: scene.events, colour: '--pl-event', topPx: barTop + barHeight - markPx });
  context.restore();
  drawTicks(pen, scene);
  drawSelection(pen, scene);
  drawHands(pen, scene);
}

function drawFootage(pen: Pen, { view, coverage, nowMs }: Scene): void {
  const { context, widthPx, colour } = pen;
  context.fillStyle = colour('--pl-well');
  context.fillRect(0, barTop, widthPx, barHeight);
  const futureX = toX(view, widthPx, nowMs);
  if (!coverage) return;
  for (const { fromMs, toMs } of coverage.gaps.filter(({ reason }) => !isCalm(reason)))
    hatch(pen, toX(view, widthPx, fromMs), Math.min(futureX, toX(view, widthPx, toMs)));
  const bars = (stretches: readonly Stretch[], topPx: number, heightPx: number): void => {
    for (const { fromMs, toMs } of stretches) {
      const x = toX(view, widthPx, fromMs);
      const end = toX(view, widthPx, toMs);
      if (end < 0 || x > widthPx) continue;
      context.fillRect(x, topPx, Math.max(1, end - x), heightPx);
    }
  };
  context.fillStyle = colour('--pl-record-sub');
  bars(coverage.sub, barTop, barHeight);
  context.fillStyle = colour('--pl-record-main');
  bars(coverage.main, barTop, barHeight);
}

type Strip = { readonly marks: readonly Mark[]; readonly colour: string; readonly topPx: number };

/** A strip along an edge of the bar: what is kept above, what happened below; never too narrow to be seen. */
function drawMarks({ context, widthPx, colour: find }: Pen, view: View, { marks, colour, topPx }: Strip): void {
  context.fillStyle = find(colour);
  for (const { fromMs, toMs } of marks) {
    const x = toX(view, widthPx, fromMs);
    const end = Math.max(x + 3, toX(view, widthPx, toMs));
    if (end >= 0 && x <= widthPx) context.fillRect(x, topPx, end - x, markPx);
  }
}

function hatch({ context, widthPx, colour }: Pen, fromX: number, toX: number): void {
  const [left, right] = [Math.max(0, fromX), Math.min(widthPx, toX)];
  if (right <= left) return;
  context.save();
  context.beginPath();
  context.rect(left, barTop, right - left, barHeight);
  context.clip();
  context.strokeStyle = colour('--pl-gap-line');
  context.lineWidth = 1.5;
  context.beginPath();
  for (let x = left - barHeight - ((left - barHeight) % 8); x < right; x += 8) {
    context.moveTo(x, barTop + barHeight);
    context.lineTo(x + barHeight, barTop);
  }
  context.stroke();
  context.restore();
}

function drawTicks({ context, widthPx, colour }: Pen, { view }: Scene): void {
  const ticks = toTicks(view, widthPx, labelPx);
  const seconds = ticks.some(({ wallMs, major }) => major && wallMs % 60_000 !== 0);
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  for (const { wallMs, major } of ticks) {
    const x = toX(view, widthPx, wallMs);
    context.fillStyle = colour('--pl-tick');
    context.globalAlpha = major ? 0.9 : 0.45;
    context.fillRect(Math.round(x), barTop - (major ? 6 : 3), 1, major ? 6 : 3);
    context.globalAlpha = 1;
    if (!major || x < 18 || x > widthPx - 18) continue;
    context.fillText(seconds ? toClock(wallMs) : toShortClock(wallMs), x, 10);
  }
}

function drawSelection({ context, widthPx, colour }: Pen, { view, selection }: Scene): void {
  if (!selection) return;
  const [left, right] = [toX(view, widthPx, selection.fromMs), toX(view, widthPx, selection.toMs)];
  context.fillStyle = colour('--pl-select');
  context.fillRect(left, barTop, right - left, barHeight);
  context.fillStyle = colour('--pl-select-edge');
  context.fillRect(left, barTop - 2, right - left, 2);
  context.fillRect(left, barTop + barHeight, right - left, 2);
  for (const x of [left, right]) {
    context.beginPath();
    context.roundRect(x - 6, barTop - 4, 12, barHeight + 8, 5);
    context.fill();
    context.fillStyle = '#ffffff';
    context.fillRect(x - 1, barTop + barHeight / 2 - 7, 2, 14);
    context.fillStyle = colour('--pl-select-edge');
  }
}

function drawHands({ context, widthPx, colour }: Pen, { view, playheadMs, hoverMs, live }: Scene): void {
  if (hoverMs !== undefined) {
    context.globalAlpha = 0.45;
    context.fillStyle = colour('--pl-playhead');
    context.fillRect(toX(view, widthPx, hoverMs) - 0.5, barTop, 1, barHeight);
    context.globalAlpha = 1;
  }
  if (playheadMs === undefined) return;
  const x = toX(view, widthPx, playheadMs);
  context.fillStyle = colour('--pl-playhead-edge');
  context.beginPath();
  context.roundRect(x - 3.5, barTop - 4, 7, barHeight + 10, 3);
  context.arc(x, barTop - 4, 8, 0, 2 * Math.PI);
  context.fill();
  context.fillStyle = live ? colour('--pl-live') : colour('--pl-playhead');
  context.beginPath();
  context.roundRect(x - 1.5, barTop - 4, 3, barHeight + 10, 1.5);
  context.fill();
  context.beginPath();
  context.arc(x, barTop - 4, 6, 0, 2 * Math.PI);
  context.fill();
}
