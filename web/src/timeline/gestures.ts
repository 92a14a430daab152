import { toClamped, toMoved, toWallMs, toX, toZoomed, type View } from './scale.ts';

export type Selection = { readonly fromMs: number; readonly toMs: number };

/** What the timeline's fingers and wheels lead to. */
export type GestureTarget = {
  readonly view: () => View;
  readonly bounds: () => View;
  readonly selection: () => Selection | undefined;
  readonly setView: (view: View) => void;
  readonly setHover: (wallMs: number | undefined) => void;
  readonly onSelect: (selection: Selection) => void;
  readonly onScrub: (wallMs: number) => void;
  /** A click, or the end of a scrub. */
  readonly onSeek: (wallMs: number) => void;
};

const clickPx = 5;
const handlePx = 16;
const shortestClipMs = 1000;

type Grip = 'scrub' | 'from' | 'to';

/** Binds pointer and wheel to an element: click, scrub, drag a handle, wheel and pinch to zoom, two fingers to move. */
export function bindGestures(element: HTMLElement, target: GestureTarget): () => void {
  const leaving = new AbortController();
  const pointers = new Map<number, number>();
  let grip: Grip | undefined;
  let startX = 0;
  let moved = false;
  let pinch: { distance: number; middleMs: number; view: View } | undefined;
  const width = () => element.getBoundingClientRect().width;
  const xOf = (event: { clientX: number }) => event.clientX - element.getBoundingClientRect().left;
  const at = (xPx: number) => {
    const { fromMs, toMs } = target.bounds();
    return Math.min(toMs, Math.max(fromMs, toWallMs(target.view(), width(), xPx)));
  };
  const gripAt = (xPx: number): Grip => {
    const selection = target.selection();
    if (!selection) return 'scrub';
    const distance = (wallMs: number) => Math.abs(toX(target.view(), width(), wallMs) - xPx);
    const [from, to] = [distance(selection.fromMs), distance(selection.toMs)];
    if (Math.min(from, to) > handlePx) return 'scrub';
    return from < to ? 'from' : 'to';
  };
  const drag = (wallMs: number): void => {
    const selection = target.selection();
    if (grip === 'scrub' || !selection) target.onScrub(wallMs);
    else if (grip === 'from')
      target.onSelect({ ...selection, fromMs: Math.min(wallMs, selection.toMs - shortestClipMs) });
    else target.onSelect({ ...selection, toMs: Math.max(wallMs, selection.fromMs + shortestClipMs) });
  };
  const startPinch = (): void => {
    const [one = 0, other = 0] = [...pointers.values()];
    grip = undefined;
    pinch = { distance: Math.max(20, Math.abs(one - other)), middleMs: at((one + other) / 2), view: target.view() };
  };
  const doPinch = (): void => {
    if (!pinch) return;
    const [one = 0, other = 0] = [...pointers.values()];
    const factor = pinch.distance / Math.max(20, Math.abs(one - other));
    const zoomed = toZoomed(pinch.view, target.bounds(), { factor, anchorMs: pinch.middleMs });
    const middle = toWallMs(zoomed, width(), (one + other) / 2);
    target.setView(toMoved(zoomed, target.bounds(), pinch.middleMs - middle));
  };
  const listen = <Type extends keyof HTMLElementEventMap>(
    type: Type,
    handler: (event: HTMLElementEventMap[Type]) => void,
  ) => element.addEventListener(type, handler, { signal: leaving.signal, passive: false });

  listen('pointerdown', (event) => {
    if (event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, xOf(event));
    if (pointers.size === 2) return startPinch();
    startX = xOf(event);
    moved = false;
    grip = gripAt(startX);
  });
  listen('pointermove', (event) => {
    const x = xOf(event);
    if (event.pointerType === 'mouse') target.setHover(at(x));
    if (!pointers.has(event.pointerId)) return;
    pointers.set(event.pointerId, x);
    if (pinch) return doPinch();
    moved ||= Math.abs(x - startX) > clickPx;
    if (moved && grip) drag(at(x));
  });
  const lift = (event: PointerEvent): void => {
    if (!pointers.delete(event.pointerId)) return;
    if (pinch) {
      if (pointers.size === 0) pinch = undefined;
      return;
    }
    if (event.type === 'pointerup' && grip === 'scrub') target.onSeek(at(xOf(event)));
    grip = undefined;
  };
  listen('pointerup', lift);
  listen('pointercancel', lift);
  listen('pointerleave', () => target.setHover(undefined));
  listen('wheel', (event) => {
    event.preventDefault();
    const view = target.view();
    const perPx = (view.toMs - view.fromMs) / width();
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey) {
      const by = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
      return target.setView(toMoved(view, target.bounds(), by * perPx));
    }
    const factor = Math.exp(Math.max(-60, Math.min(60, event.deltaY)) * 0.006);
    target.setView(toClamped(toZoomed(view, target.bounds(), { factor, anchorMs: at(xOf(event)) }), target.bounds()));
  });
  return () => leaving.abort();
}
