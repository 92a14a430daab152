import { type Canvas, ellipse, limb, mix, type Paint, paint, type Point, smooth } from './canvas.ts';

/** Where an animal is; all four feet follow `walkedPx`. */
export type AnimalStance = {
  readonly x: number;
  readonly groundY: number;
  readonly heightPx: number;
  readonly facing: 1 | -1;
  readonly walkedPx: number;
  readonly seconds: number;
};

/** Way of one round of steps in pixels. */
const animalCycle = 1.25;

type Body = { readonly at: (forward: number, up: number) => Point; readonly h: number; readonly colour: Paint };

function drawLegs(
  canvas: Canvas,
  body: Body,
  legs: { hips: readonly [number, number]; hipUp: number; phase: number; thick: number },
): void {
  const order = [
    [legs.hips[0], 0.5, true],
    [legs.hips[1], 0, true],
    [legs.hips[0], 0, false],
    [legs.hips[1], 0.5, false],
  ] as const;
  for (const [hipX, offset, far] of order) {
    const cycle = legs.phase + offset - Math.floor(legs.phase + offset);
    const stands = cycle < 0.6;
    const share = stands ? cycle / 0.6 : (cycle - 0.6) / 0.4;
    const reach = animalCycle * 0.3;
    const forward = hipX + (stands ? reach * (1 - 2 * share) : reach * (2 * share - 1));
    const up = stands ? 0.02 : 0.02 + Math.sin(share * Math.PI) * 0.13;
    const bend = hipX > 0 ? -0.05 : 0.07;
    const knee = body.at((hipX + forward) / 2 + bend, (legs.hipUp + up) / 2);
    const colour = far ? mix(body.colour, paint('#100c14'), 0.35) : body.colour;
    canvas.fill(limb(body.at(hipX, legs.hipUp), knee, [body.h * legs.thick * 1.5, body.h * legs.thick]), colour);
    canvas.fill(limb(knee, body.at(forward, up + 0.03), [body.h * legs.thick, body.h * legs.thick * 0.75]), colour);
    canvas.fill(
      limb(body.at(forward, up + 0.03), body.at(forward + 0.06, up + 0.025), [
        body.h * legs.thick * 0.9,
        body.h * legs.thick * 0.8,
      ]),
      colour,
    );
  }
}

/** A dog on its way; gives the collar, where the lead is tied. */
export function drawDog(canvas: Canvas, stance: AnimalStance, colour: Paint): Point {
  const { x, groundY, heightPx: h, facing } = stance;
  const phase = stance.walkedPx / (animalCycle * h);
  const bob = Math.sin(phase * Math.PI * 4) * 0.015;
  const at = (forward: number, up: number): Point => ({ x: x + facing * forward * h, y: groundY - (up + bob) * h });
  const body: Body = { at, h, colour };
  canvas.fill(ellipse(x, groundY, { rx: h * 0.75, ry: h * 0.06 }), paint('#14141c'), 0.28);
  const wag = Math.sin(stance.seconds * 14) * 0.12;
  const root = at(-0.62, 0.72);
  canvas.fill(limb(root, at(-0.82 - wag * 0.2, 1.02 + wag), [h * 0.12, h * 0.05]), colour);
  drawLegs(canvas, body, { hips: [0.42, -0.5], hipUp: 0.52, phase, thick: 0.1 });
  const trunk = [
    at(-0.66, 0.74),
    at(-0.1, 0.8),
    at(0.46, 0.84),
    at(0.6, 0.66),
    at(0.34, 0.46),
    at(-0.2, 0.5),
    at(-0.62, 0.5),
  ];
  canvas.fill(smooth(trunk.flatMap((point) => [point.x, point.y])), (_, y) =>
    mix(colour, paint('#fff2dc'), Math.max(0, Math.min(0.5, (y - groundY + h * 0.66) / h))),
  );
  canvas.fill(limb(at(0.46, 0.74), at(0.66, 1.02), [h * 0.34, h * 0.26]), colour);
  canvas.fill(limb(at(0.66, 1.06), at(0.72, 1.06), [h * 0.32, h * 0.3]), colour);
  canvas.fill(limb(at(0.78, 1.01), at(0.98, 0.97), [h * 0.2, h * 0.14]), mix(colour, paint('#fff2dc'), 0.35));
  const nose = at(1.05, 0.99);
  canvas.fill(ellipse(nose.x, nose.y, { rx: h * 0.045 }), paint('#1c161a'));
  const eye = at(0.78, 1.1);
  canvas.fill(ellipse(eye.x, eye.y, { rx: h * 0.028 }), paint('#1c161a'));
  const ear = [at(0.58, 1.18), at(0.68, 1.16), at(0.64, 0.92 + bob), at(0.52, 0.94)];
  canvas.fill(smooth(ear.flatMap((point) => [point.x, point.y])), mix(colour, paint('#2a1810'), 0.4));
  canvas.fill(limb(at(0.46, 0.9), at(0.66, 0.8), [h * 0.06, h * 0.06]), paint('#d8443c'));
  return at(0.56, 0.9);
}

/** A cat that walks, or sits and looks around while `sits` is above 0 (to 1). */
export function drawCat(canvas: Canvas, stance: AnimalStance, look: { colour: Paint; sits: number }): void {
  const { x, groundY, heightPx: h, facing, seconds } = stance;
  const { colour, sits } = look;
  const at = (forward: number, up: number): Point => ({ x: x + facing * forward * h, y: groundY - up * h });
  const blend = (walking: number, sitting: number): number => walking + (sitting - walking) * sits;
  const shape = (points: readonly Point[]): number[] => smooth(points.flatMap((point) => [point.x, point.y]));
  const body: Body = { at, h, colour };
  canvas.fill(ellipse(x, groundY, { rx: h * 0.72, ry: h * 0.055 }), paint('#14141c'), 0.28);
  const sway = Math.sin(seconds * 3.1) * 0.09;
  const tail = [
    at(-0.55, blend(0.56, 0.12)),
    at(-0.78, blend(0.64, 0.08)),
    at(-0.94, blend(0.92, 0.12 + sway)),
    at(-0.86 - sway * 0.6, blend(1.18, 0.24 + sway)),
  ];
  for (let index = 0; index < 3; index++)
    canvas.fill(limb(tail[index]!, tail[index + 1]!, [h * 0.1, h * (0.095 - index * 0.008)]), colour);
  if (sits < 0.5)
    drawLegs(canvas, body, {
      hips: [0.4, -0.44],
      hipUp: 0.42,
      phase: stance.walkedPx / (animalCycle * h),
      thick: 0.085,
    });
  else
    for (const front of [0.22, 0.3])
      canvas.fill(limb(at(front, 0.5), at(front + 0.04, 0.05), [h * 0.13, h * 0.085]), colour);
  canvas.fill(
    shape([
      at(blend(-0.6, -0.5), blend(0.6, 0.22)),
      at(blend(-0.2, -0.34), blend(0.64, 0.56)),
      at(blend(0.36, 0.14), blend(0.68, 0.88)),
      at(blend(0.52, 0.36), blend(0.6, 0.8)),
      at(blend(0.4, 0.34), blend(0.36, 0.36)),
      at(blend(-0.1, 0.0), blend(0.34, 0.02)),
      at(blend(-0.56, -0.46), blend(0.38, 0.03)),
    ]),
    (_, y) => mix(colour, paint('#ffe9cc'), Math.max(0, Math.min(0.35, (y - groundY + h * 0.5) / h))),
  );
  const turn = sits * Math.sin(seconds * 1.7) * 0.06;
  const head = at(blend(0.62, 0.3) + turn, blend(0.8, 1.04));
  const near = (forward: number, up: number): Point => ({ x: head.x + facing * forward * h, y: head.y - up * h });
  canvas.fill(shape([near(-0.14, 0.08), near(-0.11, 0.3), near(0.02, 0.15)]), colour);
  canvas.fill(shape([near(0.03, 0.15), near(0.13, 0.29), near(0.16, 0.07)]), mix(colour, paint('#e8a0a0'), 0.2));
  canvas.fill(ellipse(head.x, head.y, { rx: h * 0.2, ry: h * 0.175 }), colour);
  const muzzle = near(0.13, -0.06);
  canvas.fill(ellipse(muzzle.x, muzzle.y, { rx: h * 0.085, ry: h * 0.06 }), paint('#fff0e0'));
  for (const forward of [0.0, 0.13]) {
    const eye = near(forward, 0.03);
    canvas.fill(ellipse(eye.x, eye.y, { rx: h * 0.034, ry: h * 0.04 }), paint('#c8f060', 0.85));
    canvas.fill(ellipse(eye.x, eye.y, { rx: h * 0.012, ry: h * 0.036 }), paint('#101010', 0.5));
  }
  const nose = near(0.19, -0.03);
  canvas.fill(ellipse(nose.x, nose.y, { rx: h * 0.022 }), paint('#d07070'));
}
