/** Red, green, blue from 0 to 1, and how much the colour shines by itself (1: light does not matter). */
export type Paint = { readonly r: number; readonly g: number; readonly b: number; readonly shine: number };

/** A colour as on the web (`#c04030`). */
export function paint(hex: string, shine = 0): Paint {
  const value = parseInt(hex.slice(1), 16);
  return { r: (value >> 16) / 255, g: ((value >> 8) & 0xff) / 255, b: (value & 0xff) / 255, shine };
}

/** Between two colours; 0 gives the first. */
export function mix(a: Paint, b: Paint, share: number): Paint {
  const between = (from: number, to: number): number => from + (to - from) * share;
  return { r: between(a.r, b.r), g: between(a.g, b.g), b: between(a.b, b.b), shine: between(a.shine, b.shine) };
}

/** x0, y0, x1, y1, … */
export type Path = readonly number[];

/** Floating-point pixels with alpha; fills polygons by exact area coverage, so edges are smooth. */
export class Canvas {
  readonly width: number;
  readonly height: number;
  /** r, g, b, shine, alpha per pixel. */
  readonly pixels: Float32Array;
  #cover = new Float32Array(0);

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.pixels = new Float32Array(width * height * 5);
  }

  /** Takes over all pixels of a canvas of the same size. */
  copyFrom(other: Canvas): void {
    this.pixels.set(other.pixels);
  }

  /** Lays one pixel over what is there. */
  blend(at: number, colour: Paint, cover: number): void {
    const pixels = this.pixels;
    const under = pixels[at + 4]! * (1 - cover);
    const alpha = cover + under;
    if (alpha <= 0) return;
    pixels[at] = (colour.r * cover + pixels[at]! * under) / alpha;
    pixels[at + 1] = (colour.g * cover + pixels[at + 1]! * under) / alpha;
    pixels[at + 2] = (colour.b * cover + pixels[at + 2]! * under) / alpha;
    pixels[at + 3] = (colour.shine * cover + pixels[at + 3]! * under) / alpha;
    pixels[at + 4] = alpha;
  }

  /** Fills a polygon that does not cross itself; `colour` may depend on the place. */
  fill(path: Path, colour: Paint | ((x: number, y: number) => Paint), opacity = 1): void {
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let index = 0; index < path.length; index += 2) {
      left = Math.min(left, path[index]!);
      right = Math.max(right, path[index]!);
      top = Math.min(top, path[index + 1]!);
      bottom = Math.max(bottom, path[index + 1]!);
    }
    const x0 = Math.max(0, Math.floor(left));
    const x1 = Math.min(this.width, Math.ceil(right) + 1);
    const y0 = Math.max(0, Math.floor(top));
    const y1 = Math.min(this.height, Math.ceil(bottom) + 1);
    if (x0 >= x1 || y0 >= y1) return;
    const stride = x1 - x0 + 2;
    const needed = stride * (y1 - y0);
    if (this.#cover.length < needed) this.#cover = new Float32Array(needed);
    else this.#cover.fill(0, 0, needed);
    const count = path.length;
    for (let index = 0; index < count; index += 2) {
      const next = (index + 2) % count;
      this.#edge(
        { xa: path[index]! - x0, ya: path[index + 1]! - y0, xb: path[next]! - x0, yb: path[next + 1]! - y0 },
        { stride, rows: y1 - y0, columns: x1 - x0 },
      );
    }
    for (let y = y0; y < y1; y++) {
      let sum = 0;
      for (let x = x0; x < x1; x++) {
        sum += this.#cover[(y - y0) * stride + x - x0]!;
        const cover = Math.min(1, Math.abs(sum)) * opacity;
        if (cover < 0.004) continue;
        this.blend((y * this.width + x) * 5, typeof colour === 'function' ? colour(x, y) : colour, cover);
      }
    }
  }

  /** Adds an edge's signed area to each pixel it passes and the rest to the pixel on its right. */
  #edge(
    edge: { xa: number; ya: number; xb: number; yb: number },
    area: { stride: number; rows: number; columns: number },
  ): void {
    const down = edge.ya < edge.yb;
    const [xTop, yTop, xEnd, yEnd] = down ? [edge.xa, edge.ya, edge.xb, edge.yb] : [edge.xb, edge.yb, edge.xa, edge.ya];
    if (yTop === yEnd) return;
    const slope = (xEnd - xTop) / (yEnd - yTop);
    const first = Math.max(0, Math.floor(yTop));
    const last = Math.min(area.rows, Math.ceil(yEnd));
    const clamp = (x: number): number => Math.min(area.columns, Math.max(0, x));
    for (let row = first; row < last; row++) {
      const from = Math.max(yTop, row);
      const to = Math.min(yEnd, row + 1);
      if (to <= from) continue;
      const height = (to - from) * (down ? 1 : -1);
      const xFrom = clamp(xTop + (from - yTop) * slope);
      const xTo = clamp(xTop + (to - yTop) * slope);
      this.#span(row * area.stride, { xLeft: Math.min(xFrom, xTo), xRight: Math.max(xFrom, xTo), height });
    }
  }

  #span(at: number, span: { xLeft: number; xRight: number; height: number }): void {
    const { xLeft, xRight, height } = span;
    const cover = this.#cover;
    const firstColumn = Math.floor(xLeft);
    if (xRight <= firstColumn + 1) {
      const inside = 1 - ((xLeft + xRight) / 2 - firstColumn);
      cover[at + firstColumn]! += height * inside;
      cover[at + firstColumn + 1]! += height * (1 - inside);
      return;
    }
    const perColumn = height / (xRight - xLeft);
    let before = 0;
    for (let column = firstColumn; column < xRight; column++) {
      // Area right of the edge within this column, summed up so far, gives what this column adds.
      const to = Math.min(column + 1, xRight);
      const from = Math.max(column, xLeft);
      const here = perColumn * (to - from);
      const share = here * (column + 1 - (from + to) / 2);
      cover[at + column]! += share + before;
      before = here - share;
    }
    cover[at + Math.ceil(xRight)]! += before;
  }
}

/** An ellipse, or the part of it between two angles (radians, clockwise from the right). */
export function ellipse(
  x: number,
  y: number,
  shape: { rx: number; ry?: number; from?: number; to?: number; tilt?: number },
): number[] {
  const { rx, ry = rx, from = 0, to = Math.PI * 2, tilt = 0 } = shape;
  const steps = Math.max(10, Math.min(64, Math.round(Math.max(rx, ry) * 1.5)));
  const path: number[] = [];
  for (let step = 0; step < steps + (to - from < 6.28 ? 1 : 0); step++) {
    const angle = from + ((to - from) * step) / steps;
    const [dx, dy] = [Math.cos(angle) * rx, Math.sin(angle) * ry];
    path.push(x + dx * Math.cos(tilt) - dy * Math.sin(tilt), y + dx * Math.sin(tilt) + dy * Math.cos(tilt));
  }
  return path;
}

/** A rectangle. */
export function box(x: number, y: number, width: number, height: number): number[] {
  return [x, y, x + width, y, x + width, y + height, x, y + height];
}

/** A limb: two round ends of different thickness and what is between them. */
export function limb(from: Point, to: Point, width: readonly [number, number]): number[] {
  const angle = Math.atan2(to.y - from.y, to.x - from.x);
  const half = Math.PI / 2;
  return [
    ...ellipse(from.x, from.y, { rx: width[0] / 2, from: angle + half, to: angle + half + Math.PI }),
    ...ellipse(to.x, to.y, { rx: width[1] / 2, from: angle - half, to: angle + half }),
  ];
}

export type Point = { readonly x: number; readonly y: number };

/** A closed smooth curve through points (Catmull-Rom). */
export function smooth(points: Path, perSegment = 8): number[] {
  const count = points.length / 2;
  const path: number[] = [];
  const at = (index: number, axis: number): number => points[((index + count) % count) * 2 + axis]!;
  for (let index = 0; index < count; index++) {
    for (let step = 0; step < perSegment; step++) {
      const t = step / perSegment;
      for (const axis of [0, 1]) {
        const [p0, p1, p2, p3] = [at(index - 1, axis), at(index, axis), at(index + 1, axis), at(index + 2, axis)];
        const square = 2 * p0 - 5 * p1 + 4 * p2 - p3;
        path.push(0.5 * (2 * p1 + (p2 - p0) * t + square * t * t + (3 * p1 - p0 - 3 * p2 + p3) * t ** 3));
      }
    }
  }
  return path;
}

/** Numbers from 0 to 1 that look random and are the same every time (mulberry32). */
export function openDice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
