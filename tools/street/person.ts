import { type Canvas, ellipse, limb, mix, type Paint, paint, type Path, type Point, smooth } from './canvas.ts';

/** How somebody looks and moves. */
export type Look = {
  readonly coat: Paint;
  readonly trousers: Paint;
  readonly shoes: Paint;
  readonly skin: Paint;
  readonly hair: Paint;
  readonly longCoat?: boolean;
  readonly longHair?: boolean;
  readonly cap?: Paint;
  readonly scarf?: Paint;
  readonly bag?: Paint;
  readonly runs?: boolean;
  /** Where the hand that leads a dog or holds a string is, instead of swinging. */
  readonly holds?: 'lead' | 'balloon';
};

/** Where somebody stands; `walkedPx` drives the legs, so that feet do not slide. */
export type Stance = {
  readonly x: number;
  readonly groundY: number;
  readonly heightPx: number;
  readonly facing: 1 | -1;
  readonly walkedPx: number;
};

/** Half the ground that a foot covers while it stands, as a share of the height. */
const reach = { walk: 0.16, run: 0.2 };
/** Share of a step's cycle in which the foot stands. */
const standing = { walk: 0.6, run: 0.42 };

/** Way of two steps in pixels. */
export function cyclePx(heightPx: number, runs: boolean): number {
  return (2 * reach[runs ? 'run' : 'walk'] * heightPx) / standing[runs ? 'run' : 'walk'];
}

const shade = paint('#181420');

/** Outlines as forward, up, … in shares of the height, of somebody who stands upright. */
const shapes = {
  jacket: [
    0.05, 0.82, 0.088, 0.7, 0.07, 0.56, 0.082, 0.45, 0, 0.438, -0.08, 0.45, -0.072, 0.58, -0.078, 0.72, -0.045, 0.82,
  ],
  longCoat: [
    0.05, 0.82, 0.088, 0.7, 0.07, 0.56, 0.112, 0.33, 0, 0.318, -0.11, 0.33, -0.072, 0.58, -0.078, 0.72, -0.045, 0.82,
  ],
  longHair: [-0.09, 0.93, 0.01, 0.985, 0, 0.82, -0.075, 0.735, -0.125, 0.8],
  bag: [-0.11, 0.52, 0, 0.52, 0.005, 0.41, -0.115, 0.41],
};

/** Draws a person from the side; gives where the leading hand is. */
export function drawPerson(canvas: Canvas, stance: Stance, look: Look): Point {
  const { x, groundY, heightPx: h, facing } = stance;
  const runs = look.runs === true;
  const phase = stance.walkedPx / cyclePx(h, runs);
  const bob = Math.cos(phase * Math.PI * 4) * (runs ? 0.018 : 0.009);
  const lean = runs ? 0.07 : 0.015;
  /** From shares of the height (forward, up) to pixels. */
  const at = (forward: number, up: number): Point => ({ x: x + facing * forward * h, y: groundY - up * h });
  const outline = (points: Path): number[] =>
    smooth(
      points.map((value, index) => (index % 2 === 0 ? x + facing * value * h : groundY - value * h)),
      6,
    );
  const hip = 0.488 + bob;
  const leg = (offset: number, colour: Paint, shoes: Paint): void => {
    drawLeg(canvas, { at, h, hip, phase: phase + offset, runs }, { trousers: colour, shoes });
  };
  const shoulder = { x: lean * 0.9, y: 0.785 + bob };
  const arm = (offset: number, sleeve: Paint, hold: Look['holds']): Point =>
    drawArm(canvas, { at, h, shoulder, phase: phase + offset, runs }, { sleeve, skin: look.skin, hold });

  canvas.fill(ellipse(x, groundY + 1, { rx: h * 0.2, ry: h * 0.028 }), paint('#14141c'), 0.3);
  arm(0, mix(look.coat, shade, 0.35), undefined);
  leg(0.5, mix(look.trousers, shade, 0.35), mix(look.shoes, shade, 0.3));
  leg(0, look.trousers, look.shoes);
  drawTrunk(canvas, { at, outline, h, lean, bob, hemSwing: Math.sin(phase * Math.PI * 2) * 0.015 }, look);
  drawHead(canvas, { at, outline, h, centre: { x: lean + 0.025, y: 0.905 + bob } }, look);
  if (look.bag) {
    const strap = limb(at(lean - 0.01, 0.8 + bob), at(-0.055, 0.52 + bob), [h * 0.014, h * 0.014]);
    canvas.fill(strap, mix(look.bag, shade, 0.3));
    canvas.fill(outline(shapes.bag), look.bag);
  }
  return arm(0.5, mix(look.coat, paint('#ffffff'), 0.07), look.holds);
}

type TrunkFrame = {
  readonly at: (forward: number, up: number) => Point;
  readonly outline: (points: Path) => number[];
  readonly h: number;
  readonly lean: number;
  readonly bob: number;
  readonly hemSwing: number;
};

/** Hair that falls over the back, and the coat, whose hem swings. */
function drawTrunk(canvas: Canvas, frame: TrunkFrame, look: Look): void {
  const { at, outline, h, lean, bob, hemSwing } = frame;
  const bent = (points: Path): number[] =>
    points.map((value, index) => {
      if (index % 2 === 1) return value + bob;
      const up = points[index + 1]!;
      return value + lean * Math.max(0, Math.min(1, (up - 0.5) / 0.2)) + (up < 0.4 ? hemSwing : 0);
    });
  if (look.longHair) canvas.fill(outline(bent(shapes.longHair)), look.hair);
  const back = at(-1, 0).x;
  canvas.fill(outline(bent(look.longCoat ? shapes.longCoat : shapes.jacket)), (px) =>
    mix(look.coat, shade, Math.max(0, Math.min(0.3, 1.05 - Math.abs(px - back) / h))),
  );
}

type Frame = {
  readonly at: (forward: number, up: number) => Point;
  readonly h: number;
  readonly phase: number;
  readonly runs: boolean;
};

/** One leg: the foot stands still on the ground, then swings forward; the knee follows. */
function drawLeg(
  canvas: Canvas,
  frame: Frame & { readonly hip: number },
  colours: { trousers: Paint; shoes: Paint },
): void {
  const { at, h, hip, runs } = frame;
  const cycle = frame.phase - Math.floor(frame.phase);
  const stands = standing[runs ? 'run' : 'walk'];
  const stride = reach[runs ? 'run' : 'walk'];
  let [forward, up, pitch] = [0, 0.035, 0];
  if (cycle < stands) {
    const share = cycle / stands;
    forward = stride * (1 - 2 * share);
    const rising = Math.max(0, (share - 0.7) / 0.3);
    up += rising * 0.035;
    pitch = -rising * 0.6;
  } else {
    const share = (cycle - stands) / (1 - stands);
    forward = stride * (-1 + 2 * share * share * (3 - 2 * share));
    up += 0.035 * (1 - share) + Math.sin(share * Math.PI) * (runs ? 0.14 : 0.05);
    pitch = -0.6 * (1 - share) + 0.3 * Math.sin(share * Math.PI);
  }
  const bone = 0.243;
  const distance = Math.min(2 * bone - 0.001, Math.hypot(forward, up - hip));
  const angle = Math.atan2(up - hip, forward) + Math.acos(distance / 2 / bone);
  const knee = at(Math.cos(angle) * bone, hip + Math.sin(angle) * bone);
  const ankle = at(forward, up);
  const toe = at(forward + Math.cos(pitch) * 0.09, up - 0.016 + Math.sin(pitch) * 0.09);
  const heel = at(forward - 0.022, up - 0.012);
  canvas.fill(limb(heel, toe, [h * 0.05, h * 0.034]), colours.shoes);
  canvas.fill(limb(at(0, hip), knee, [h * 0.115, h * 0.078]), colours.trousers);
  canvas.fill(limb(knee, ankle, [h * 0.078, h * 0.05]), colours.trousers);
}

type ArmLook = { readonly sleeve: Paint; readonly skin: Paint; readonly hold: Look['holds'] };

/** One arm, swinging against the legs or holding on to something; gives the hand. */
function drawArm(canvas: Canvas, frame: Frame & { readonly shoulder: Point }, look: ArmLook): Point {
  const { at, h, shoulder, phase, runs } = frame;
  const swing = Math.sin(phase * Math.PI * 2 + 0.9) * (runs ? 0.75 : 0.42);
  let [upper, lower] = [swing - 0.05, swing + (runs ? 1.45 : 0.28 + 0.14 * swing)];
  if (look.hold === 'lead') [upper, lower] = [0.25 + swing * 0.1, 0.95 + swing * 0.1];
  if (look.hold === 'balloon') [upper, lower] = [0.7, 2.3];
  const elbowX = shoulder.x + Math.sin(upper) * 0.15;
  const elbowY = shoulder.y - Math.cos(upper) * 0.15;
  const handX = elbowX + Math.sin(lower) * 0.135;
  const handY = elbowY - Math.cos(lower) * 0.135;
  const hand = at(handX, handY);
  canvas.fill(ellipse(hand.x, hand.y, { rx: h * 0.024 }), look.skin);
  canvas.fill(
    limb(at(elbowX, elbowY), at(elbowX + (handX - elbowX) * 0.88, elbowY + (handY - elbowY) * 0.88), [
      h * 0.05,
      h * 0.04,
    ]),
    look.sleeve,
  );
  canvas.fill(limb(at(shoulder.x, shoulder.y - 0.01), at(elbowX, elbowY), [h * 0.062, h * 0.05]), look.sleeve);
  return hand;
}

type HeadFrame = {
  readonly at: (forward: number, up: number) => Point;
  readonly outline: (points: Path) => number[];
  readonly h: number;
  readonly centre: Point;
};

function drawHead(canvas: Canvas, { at, outline, h, centre }: HeadFrame, look: Look): void {
  const spot = (forward: number, up: number): Point => at(centre.x + forward, centre.y + up);
  const dot = (forward: number, up: number, size: { rx: number; ry?: number }, colour: Paint): void => {
    const { x, y } = spot(forward, up);
    canvas.fill(ellipse(x, y, { rx: size.rx * h, ry: (size.ry ?? size.rx) * h }), colour);
  };
  const line = (points: Path): number[] =>
    outline(points.map((value, index) => value + (index % 2 === 0 ? centre.x : centre.y)));
  canvas.fill(
    limb(spot(-0.015, -0.05), spot(-0.022, -0.1), [h * 0.055, h * 0.06]),
    mix(look.skin, paint('#301820'), 0.18),
  );
  dot(0, 0, { rx: 0.064, ry: 0.077 }, look.skin);
  canvas.fill(line([0.055, 0.008, 0.079, -0.012, 0.056, -0.022]), look.skin);
  dot(0.034, 0.006, { rx: 0.0075, ry: 0.012 }, paint('#2a2028'));
  canvas.fill(limb(spot(0.03, -0.04), spot(0.05, -0.036), [h * 0.007, h * 0.007]), paint('#a04a48'));
  dot(0.018, -0.024, { rx: 0.014, ry: 0.01 }, mix(look.skin, paint('#e8706a'), 0.35));
  canvas.fill(
    line([0.05, 0.05, 0.012, 0.088, -0.05, 0.07, -0.078, 0.01, -0.062, -0.045, -0.03, -0.02, -0.012, 0.03, 0.02, 0.04]),
    look.hair,
  );
  dot(-0.022, -0.008, { rx: 0.013, ry: 0.018 }, mix(look.skin, paint('#301820'), 0.12));
  if (look.cap) {
    canvas.fill(line([0.066, 0.036, 0.04, 0.085, -0.03, 0.098, -0.074, 0.06, -0.078, 0.026, 0, 0.034]), look.cap);
    canvas.fill(
      limb(spot(0.05, 0.038), spot(0.105, 0.03), [h * 0.02, h * 0.012]),
      mix(look.cap, paint('#000000'), 0.2),
    );
  }
  if (look.scarf) {
    canvas.fill(line([0.05, -0.075, 0.045, -0.105, -0.06, -0.105, -0.066, -0.07, 0, -0.083]), look.scarf);
    canvas.fill(limb(spot(-0.05, -0.09), spot(-0.11, -0.16), [h * 0.035, h * 0.045]), look.scarf);
  }
}
