import { box, Canvas, ellipse, mix, openDice, type Paint, paint, smooth } from './canvas.ts';
import { drawHouses, houseGroundY } from './houses.ts';

/** Where feet and wheels touch the ground. */
export const ground = { farWalkY: 464, farLaneY: 520, nearLaneY: 566, nearWalkY: 622 };

/** Street lamps: the foot of each post and its bulb. */
export const streetLamps = [
  { x: 372, footY: 456, bulbX: 398, bulbY: 226 },
  { x: 872, footY: 456, bulbX: 846, bulbY: 226 },
];

/** Everything that stands still, on a transparent sky. */
export function drawScenery(width: number, height: number): Canvas {
  const canvas = new Canvas(width, height);
  drawHills(canvas);
  drawGround(canvas);
  drawTree(canvas, { x: 12, footY: 436, size: 1.05, seed: 3 });
  drawTree(canvas, { x: 414, footY: 436, size: 0.92, seed: 11 });
  drawHouses(canvas);
  drawTree(canvas, { x: 856, footY: 440, size: 1.1, seed: 23 });
  drawTree(canvas, { x: 1258, footY: 440, size: 1, seed: 31 });
  drawFence(canvas);
  for (const lamp of streetLamps) drawLampPost(canvas, lamp);
  drawLetterbox(canvas);
  return canvas;
}

function drawHills(canvas: Canvas): void {
  canvas.fill(
    smooth([-80, 500, -60, 330, 120, 292, 330, 316, 520, 280, 700, 318, 900, 276, 1130, 312, 1340, 290, 1360, 500]),
    paint('#8fae9d'),
  );
  const dice = openDice(5);
  for (let x = -20; x < 1300; x += 16) {
    const size = 16 + dice() * 20;
    canvas.fill(
      ellipse(x, 352 + dice() * 14, { rx: size, ry: size * 1.1 }),
      mix(paint('#5f8a66'), paint('#7ba276'), dice()),
    );
  }
  canvas.fill(box(0, 356, canvas.width, 90), paint('#6b9465'));
}

/** Garden, pavements, kerbs, road and the grass in front. */
function drawGround(canvas: Canvas): void {
  const grain = openDice(17);
  const rough = (base: Paint, amount: number) => (): Paint => mix(base, paint('#000000'), grain() * amount);
  canvas.fill(box(0, 412, canvas.width, 38), (_, y) => mix(paint('#7fae5f'), paint('#5f9148'), (y - 412) / 38));
  canvas.fill([572, 436, 638, 436, 652, 450, 558, 450], paint('#c6bba6'));
  canvas.fill(box(0, 449, canvas.width, 21), rough(paint('#c3bcb0'), 0.03));
  for (let x = 20; x < canvas.width; x += 64)
    canvas.fill([x, 449, x + 2, 449, x - 6, 470, x - 8, 470], paint('#8f887e'), 0.5);
  canvas.fill(box(0, 470, canvas.width, 7), paint('#a29b90'));
  canvas.fill(box(0, 476, canvas.width, 3), paint('#4c4a50'));
  canvas.fill(box(0, 478, canvas.width, 108), (_, y) =>
    mix(paint('#6c6b72'), paint('#5b5a62'), (y - 478) / 108 + grain() * 0.25),
  );
  for (let x = -30; x < canvas.width; x += 118)
    canvas.fill([x + 6, 526, x + 66, 526, x + 61, 532, x, 532], paint('#e6dfc6'), 0.85);
  canvas.fill(box(0, 584, canvas.width, 9), paint('#b3aca0'));
  canvas.fill(box(0, 592, canvas.width, 48), rough(paint('#d0c8ba'), 0.03));
  for (let x = -30; x < canvas.width + 60; x += 92)
    canvas.fill([x + 16, 592, x + 19, 592, x + 1, 640, x - 2, 640], paint('#9c9488'), 0.5);
  canvas.fill(box(0, 640, canvas.width, 80), (_, y) => mix(paint('#6fa052'), paint('#477a3a'), (y - 640) / 80));
  drawMeadow(canvas);
}

/** Blades of grass, two bushes and flowers along the lower edge. */
function drawMeadow(canvas: Canvas): void {
  const dice = openDice(41);
  for (let index = 0; index < 620; index++) {
    const x = dice() * canvas.width;
    const y = 644 + dice() * 78;
    const lean = dice() * 8 - 4;
    const length = 8 + dice() * 9;
    canvas.fill([x - 1.4, y, x + lean, y - length, x + 1.4, y], mix(paint('#85b862'), paint('#3f6f36'), dice()), 0.8);
  }
  for (const bushX of [96, 1150]) {
    for (let index = 0; index < 46; index++) {
      const x = bushX + (dice() - 0.5) * 180;
      const y = 708 - dice() * 34 * (1 - Math.abs(x - bushX) / 110);
      canvas.fill(
        ellipse(x, y, { rx: 12 + dice() * 9 }),
        mix(paint('#3f7a44'), paint('#6aa85a'), dice() * (1 - (y - 670) / 60)),
      );
    }
  }
  const petals = [paint('#f3d35a'), paint('#ef8fb0'), paint('#ffffff'), paint('#b48be0')];
  for (let index = 0; index < 70; index++) {
    const x = dice() * canvas.width;
    const y = 664 + dice() * 48;
    for (let petal = 0; petal < 5; petal++) {
      const angle = petal * 1.2566;
      canvas.fill(
        ellipse(x + Math.cos(angle) * 2.6, y + Math.sin(angle) * 2.6, { rx: 2 }),
        petals[index % petals.length]!,
      );
    }
    canvas.fill(ellipse(x, y, { rx: 1.5 }), paint('#e0a030'));
  }
}

/** Trunk, boughs and a crown of many leaves that are lighter on the upper left. */
function drawTree(canvas: Canvas, tree: { x: number; footY: number; size: number; seed: number }): void {
  const { x, footY, size } = tree;
  const dice = openDice(tree.seed);
  const bark = paint('#6b4d3a');
  const grown = (points: readonly number[]): number[] =>
    points.map((value, index) => (index % 2 === 0 ? x + value * size : footY - value * size));
  canvas.fill(smooth(grown([-13, 0, -7, 60, -8, 130, 8, 130, 7, 60, 14, 0])), bark);
  canvas.fill(grown([-4, 90, -44, 150, -38, 154, 4, 106]), bark);
  canvas.fill(grown([-2, 84, 40, 150, 46, 146, 5, 78]), bark);
  const centreY = footY - 190 * size;
  for (let index = 0; index < 300; index++) {
    const angle = dice() * Math.PI * 2;
    const reach = Math.sqrt(dice());
    const leafX = x + Math.cos(angle) * reach * 84 * size;
    const leafY = centreY + Math.sin(angle) * reach * 76 * size;
    const light =
      Math.max(
        0,
        Math.min(1, 0.52 - Math.cos(angle) * reach * 0.2 - Math.sin(angle) * reach * 0.42 + (dice() - 0.5) * 0.35),
      ) *
      (index / 300);
    canvas.fill(
      ellipse(leafX, leafY, { rx: (9 + dice() * 10) * size, ry: (7 + dice() * 8) * size, tilt: dice() * 3 }),
      mix(paint('#34663c'), paint('#8cc063'), light),
    );
  }
}

/** White pickets, open where the path leads to the porch. */
function drawFence(canvas: Canvas): void {
  const white = paint('#f3efe6');
  for (const [from, to] of [
    [36, 300],
    [462, 562],
    [648, 786],
    [938, 1210],
  ] as const) {
    canvas.fill(box(from, 421, to - from, 4), white);
    canvas.fill(box(from, 437, to - from, 4), white);
    for (let x = from; x < to; x += 12)
      canvas.fill([x + 1, 449, x + 1, 414, x + 4.5, 409, x + 8, 414, x + 8, 449], white);
  }
  const dice = openDice(61);
  for (let index = 0; index < 60; index++) {
    const x = 40 + dice() * 1160;
    if (x > 300 && x < 462) continue;
    canvas.fill(
      ellipse(x, houseGroundY + 8 + dice() * 10, { rx: 2.4 }),
      [paint('#e86a7a'), paint('#f4c95d'), paint('#d58ae0')][index % 3]!,
    );
  }
}

function drawLampPost(canvas: Canvas, lamp: (typeof streetLamps)[number]): void {
  const iron = paint('#2f3a40');
  canvas.fill(
    [lamp.x - 3, lamp.footY, lamp.x - 2, lamp.bulbY - 6, lamp.x + 2, lamp.bulbY - 6, lamp.x + 3, lamp.footY],
    iron,
  );
  canvas.fill(
    [lamp.x - 7, lamp.footY + 2, lamp.x - 4, lamp.footY - 16, lamp.x + 4, lamp.footY - 16, lamp.x + 7, lamp.footY + 2],
    iron,
  );
  const side = Math.sign(lamp.bulbX - lamp.x);
  canvas.fill(
    [lamp.x, lamp.bulbY - 12, lamp.bulbX, lamp.bulbY - 18, lamp.bulbX, lamp.bulbY - 14, lamp.x, lamp.bulbY - 6],
    iron,
  );
  canvas.fill(
    [
      lamp.bulbX - 15,
      lamp.bulbY - 4,
      lamp.bulbX - 8 * side - 6,
      lamp.bulbY - 18,
      lamp.bulbX + 8,
      lamp.bulbY - 18,
      lamp.bulbX + 15,
      lamp.bulbY - 4,
    ],
    iron,
  );
}

function drawLetterbox(canvas: Canvas): void {
  canvas.fill(box(538, 424, 4, 28), paint('#5a4636'));
  canvas.fill(box(528, 410, 26, 12), paint('#3f6fa8'));
  canvas.fill(ellipse(541, 411, { rx: 13, ry: 9, from: Math.PI, to: Math.PI * 2 }), paint('#3f6fa8'));
  canvas.fill(box(552, 404, 3, 10), paint('#d8443c'));
}
