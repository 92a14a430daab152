import { toMoved, toWallMs, toX, toZoomed, type View } from './scale.ts';

export type Selection = { readonly fromMs: number; readonly toMs: number };

/** What the timeline's fingers and wheels lead to. */
export type GestureTarget = {
  readonly view: () => View;
  readonly bounds: () => View;
  readonly selection: () => Selection | undefined;
  readonly setView: (view: View) => void;
  readonly setHover: (wallMs: number | undefined) => void;
  /** A finger touched and left at one place. */
  readonly onTap: (wallMs: number) => void;
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
  const options = { signal: leaving.signal, passive: false };
  const gestures = new Gestures(element, target);
  element.addEventListener('pointerdown', (event) => gestures.down(event), options);
  element.addEventListener('pointermove', (event) => gestures.move(event), options);
  element.addEventListener('pointerup', (event) => gestures.lift(event), options);
  element.addEventListener('pointercancel', (event) => gestures.lift(event), options);
  element.addEventListener(
    'pointerleave',
    (event) => event.pointerType === 'mouse' && target.setHover(undefined),
    options,
  );
  element.addEventListener('wheel', (event) => gestures.wheel(event), options);
  return () => leaving.abort();
}

class Gestures {
  readonly #element: HTMLElement;
  readonly #target: GestureTarget;
  readonly #pointers = new Map<number, number>();
  #grip: Grip | undefined;
  #startX = 0;
  #moved = false;
  #pinch: { distance: number; middleMs: number; view: View } | undefined;

  constructor(element: HTMLElement, target: GestureTarget) {
    this.#element = element;
    this.#target = target;
  }

  #xOf(event: { clientX: number }): number {
    return event.clientX - this.#element.getBoundingClientRect().left;
  }

  #at(xPx: number): number {
    const { fromMs, toMs } = this.#target.bounds();
    return Math.min(toMs, Math.max(fromMs, toWallMs(this.#target.view(), this.#element.clientWidth, xPx)));
  }

  #gripAt(xPx: number): Grip {
    const selection = this.#target.selection();
    if (!selection) return 'scrub';
    const distance = (wallMs: number) => Math.abs(toX(this.#target.view(), this.#element.clientWidth, wallMs) - xPx);
    const [from, to] = [distance(selection.fromMs), distance(selection.toMs)];
    if (Math.min(from, to) > handlePx) return 'scrub';
    return from < to ? 'from' : 'to';
  }

  down(event: PointerEvent): void {
    if (event.button !== 0) return;
    const x = this.#xOf(event);
    this.#element.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, x);
    if (this.#pointers.size === 2) return this.#startPinch();
    this.#startX = x;
    this.#moved = false;
    this.#grip = this.#gripAt(x);
  }

  move(event: PointerEvent): void {
    const x = this.#xOf(event);
    if (event.pointerType === 'mouse') this.#target.setHover(this.#at(x));
    if (!this.#pointers.has(event.pointerId)) return;
    this.#pointers.set(event.pointerId, x);
    if (this.#pinch) return this.#doPinch(this.#pinch);
    this.#moved ||= Math.abs(x - this.#startX) > clickPx;
    if (this.#moved && this.#grip) this.#drag(this.#at(x));
  }

  lift(event: PointerEvent): void {
    if (!this.#pointers.delete(event.pointerId)) return;
    if (this.#pinch) {
      if (this.#pointers.size === 0) this.#pinch = undefined;
      return;
    }
    if (event.pointerType !== 'mouse' && event.type === 'pointerup' && !this.#moved)
      this.#target.onTap(this.#at(this.#xOf(event)));
    if (this.#grip === 'scrub' && (event.type === 'pointerup' || this.#moved))
      this.#target.onSeek(this.#at(this.#xOf(event)));
    this.#grip = undefined;
  }

  #drag(wallMs: number): void {
    const selection = this.#target.selection();
    if (this.#grip === 'scrub' || !selection) return this.#target.onScrub(wallMs);
    const { fromMs, toMs } = selection;
    if (this.#grip === 'from') this.#target.onSelect({ toMs, fromMs: Math.min(wallMs, toMs - shortestClipMs) });
    else this.#target.onSelect({ fromMs, toMs: Math.max(wallMs, fromMs + shortestClipMs) });
  }

  #fingers(): { distance: number; middle: number } {
    const [one = 0, other = 0] = [...this.#pointers.values()];
    return { distance: Math.max(20, Math.abs(one - other)), middle: (one + other) / 2 };
  }

  #startPinch(): void {
    const { distance, middle } = this.#fingers();
    this.#grip = undefined;
    this.#pinch = { distance, middleMs: this.#at(middle), view: this.#target.view() };
  }

  #doPinch(pinch: { distance: number; middleMs: number; view: View }): void {
    const { distance, middle } = this.#fingers();
    const bounds = this.#target.bounds();
    const zoom = { factor: pinch.distance / distance, anchorMs: pinch.middleMs };
    const zoomed = toZoomed(pinch.view, bounds, zoom);
    const middleMs = toWallMs(zoomed, this.#element.clientWidth, middle);
    this.#target.setView(toMoved(zoomed, bounds, pinch.middleMs - middleMs));
  }

  wheel(event: WheelEvent): void {
    event.preventDefault();
    const view = this.#target.view();
    const perPx = (view.toMs - view.fromMs) / this.#element.clientWidth;
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      const byPx = event.deltaX === 0 ? event.deltaY : event.deltaX;
      return this.#target.setView(toMoved(view, this.#target.bounds(), byPx * perPx));
    }
    const factor = Math.exp(Math.max(-60, Math.min(60, event.deltaY)) * 0.006);
    const zoom = { factor, anchorMs: this.#at(this.#xOf(event)) };
    this.#target.setView(toZoomed(view, this.#target.bounds(), zoom));
  }
}
