import { box, type Canvas, type Paint } from './canvas.ts';

/** Five by seven dots per character, one row of five bits after the other, top first. */
const dots: Readonly<Record<string, readonly number[]>> = {
  '0': [14, 17, 19, 21, 25, 17, 14],
  '1': [4, 12, 4, 4, 4, 4, 14],
  '2': [14, 17, 1, 2, 4, 8, 31],
  '3': [31, 2, 4, 2, 1, 17, 14],
  '4': [2, 6, 10, 18, 31, 2, 2],
  '5': [31, 16, 30, 1, 1, 17, 14],
  '6': [6, 8, 16, 30, 17, 17, 14],
  '7': [31, 1, 2, 4, 8, 8, 8],
  '8': [14, 17, 17, 14, 17, 17, 14],
  '9': [14, 17, 17, 15, 1, 2, 12],
  ':': [0, 12, 12, 0, 12, 12, 0],
  ' ': [0, 0, 0, 0, 0, 0, 0],
  D: [28, 18, 17, 17, 17, 18, 28],
  E: [31, 16, 16, 30, 16, 16, 31],
  M: [17, 27, 21, 21, 17, 17, 17],
  O: [14, 17, 17, 17, 17, 17, 14],
  R: [30, 17, 17, 30, 20, 18, 17],
  S: [15, 16, 16, 14, 1, 1, 30],
  T: [31, 4, 4, 4, 4, 4, 4],
};

/** Width of a text in pixels. */
export function widthOf(text: string, dotPx: number): number {
  return text.length * dotPx * 6 - dotPx;
}

/** Writes with square dots, the upper left corner at (x, y). */
export function write(
  canvas: Canvas,
  text: string,
  place: { x: number; y: number; dotPx: number; colour: Paint },
): void {
  const { x, y, dotPx, colour } = place;
  for (const [position, character] of [...text].entries()) {
    for (const [row, bits] of (dots[character] ?? []).entries()) {
      for (let column = 0; column < 5; column++) {
        if ((bits & (16 >> column)) === 0) continue;
        canvas.fill(box(x + (position * 6 + column) * dotPx, y + row * dotPx, dotPx, dotPx), colour);
      }
    }
  }
}
