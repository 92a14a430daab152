import { type Canvas, ellipse, limb, mix, type Paint, paint, type Path, smooth } from './canvas.ts';
import type { Beam } from './scene.ts';

/** Where a car is: the middle of it, on the line its wheels stand on. */
export type CarStance = {
  readonly x: number;
  readonly groundY: number;
  readonly facing: 1 | -1;
  readonly scale: number;
};

/** A small car from the side. `lights` from 0 to 1. */
export function drawCar(
  canvas: Canvas,
  { x, groundY, facing, scale }: CarStance,
  look: { colour: Paint; lights: number },
): void {
  const at = (points: Path): number[] =>
    points.map((value, index) => (index % 2 === 0 ? x + facing * value * scale : groundY - value * scale));
  const { colour, lights } = look;
  const place = (forward: number): number => x + facing * forward * scale;
  const level = (up: number): number => groundY - up * scale;
  canvas.fill(ellipse(x, groundY, { rx: 158 * scale, ry: 9 * scale }), paint('#0c0c12'), 0.45);
  const hull = smooth(
    at([
      -148, 30, -150, 58, -140, 70, -92, 76, -58, 106, -30, 112, 26, 112, 62, 80, 122, 70, 146, 56, 150, 34, 140, 20, 0,
      16, -140, 20,
    ]),
    6,
  );
  canvas.fill(hull, (_, y) =>
    mix(
      mix(colour, paint('#ffffff'), 0.18),
      mix(colour, paint('#000000'), 0.35),
      Math.max(0, Math.min(1, (y - level(112)) / (96 * scale))),
    ),
  );
  const glass = (_: number, y: number): Paint =>
    mix(paint('#bcd6e4'), paint('#3d4f60'), Math.max(0, Math.min(1, (y - level(106)) / (34 * scale))));
  canvas.fill(at([-80, 77, -52, 102, -20, 105, -16, 77]), glass);
  canvas.fill(at([-9, 77, -13, 105, 22, 105, 50, 79]), glass);
  canvas.fill(smooth(at([-8, 80, -2, 96, 10, 96, 14, 80]), 5), paint('#2c2a34'), 0.8);
  const driver = { x: place(8), y: level(92) };
  canvas.fill(ellipse(driver.x, driver.y, { rx: 8 * scale, ry: 9 * scale }), paint('#d8a684'), 0.85);
  canvas.fill(
    ellipse(driver.x - facing * 2, driver.y - 4 * scale, { rx: 8 * scale, ry: 6 * scale }),
    paint('#3a2a24'),
    0.9,
  );
  canvas.fill(at([-13, 74, -11, 74, -11, 26, -13, 26]), paint('#000000'), 0.3);
  canvas.fill(at([-34, 66, -20, 66, -20, 62, -34, 62]), paint('#20202a'), 0.7);
  canvas.fill(at([-146, 36, 148, 36, 148, 31, -146, 31]), paint('#20202a'), 0.35);
  for (const wheel of [-88, 92]) drawWheel(canvas, { x: place(wheel), y: level(23), scale, turned: x });
  canvas.fill(
    ellipse(place(140), level(56), { rx: 8 * scale, ry: 7 * scale }),
    mix(paint('#e8ecf0'), paint('#fffbe0', 1), lights),
  );
  canvas.fill(
    limb({ x: place(-146), y: level(62) }, { x: place(-146), y: level(52) }, [7 * scale, 7 * scale]),
    mix(paint('#a02828'), paint('#ff4030', 1), lights),
  );
  if (lights > 0.05) {
    for (const rx of [26, 17, 10])
      canvas.fill(ellipse(place(142), level(56), { rx: rx * scale }), paint('#fff2c0', 1), 0.16 * lights);
    canvas.fill(ellipse(place(-147), level(57), { rx: 13 * scale }), paint('#ff4030', 1), 0.18 * lights);
  }
}

function drawWheel(canvas: Canvas, wheel: { x: number; y: number; scale: number; turned: number }): void {
  const { x, y, scale } = wheel;
  canvas.fill(ellipse(x, y - 2 * scale, { rx: 29 * scale }), paint('#17171d'));
  canvas.fill(ellipse(x, y, { rx: 24 * scale }), paint('#26262c'));
  canvas.fill(ellipse(x, y, { rx: 15 * scale }), paint('#b9bcc4'));
  for (let spoke = 0; spoke < 5; spoke++) {
    const angle = wheel.turned / (24 * scale) + spoke * 1.2566;
    const end = { x: x + Math.cos(angle) * 13 * scale, y: y + Math.sin(angle) * 13 * scale };
    canvas.fill(limb({ x, y }, end, [4 * scale, 5 * scale]), paint('#6c6f78'));
  }
  canvas.fill(ellipse(x, y, { rx: 4 * scale }), paint('#8a8d96'));
}

/** What the head lights fall on: the road before the car. */
export function toHeadlights({ x, groundY, facing, scale }: CarStance): Beam[] {
  return [
    { x: x + facing * 300 * scale, y: groundY - 6, rx: 230 * scale, ry: 52 * scale, strength: 1.5 },
    { x: x + facing * 190 * scale, y: groundY - 26, rx: 90 * scale, ry: 46 * scale, strength: 0.7 },
  ];
}
