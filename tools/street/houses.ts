import { box, type Canvas, ellipse, mix, type Paint, paint } from './canvas.ts';

/** Where the houses stand. */
export const houseGroundY = 430;

/** A pane that is lit from inside between two times of the loop, in seconds. */
export type Pane = {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly lit: readonly [number, number];
};

type House = {
  readonly x: number;
  readonly width: number;
  readonly wallHeight: number;
  readonly roofHeight: number;
  readonly wall: Paint;
  readonly roof: Paint;
  readonly door: Paint;
  readonly doorX: number;
  readonly bricks: boolean;
};

const houses: readonly House[] = [
  {
    x: 52,
    width: 232,
    wallHeight: 142,
    roofHeight: 92,
    wall: paint('#d9b88f'),
    roof: paint('#7a4a3c'),
    door: paint('#4f6a58'),
    doorX: 172,
    bricks: false,
  },
  {
    x: 474,
    width: 300,
    wallHeight: 168,
    roofHeight: 108,
    wall: paint('#e9e2d2'),
    roof: paint('#4d5a6b'),
    door: paint('#b0493a'),
    doorX: 604,
    bricks: false,
  },
  {
    x: 948,
    width: 246,
    wallHeight: 150,
    roofHeight: 84,
    wall: paint('#b26a55'),
    roof: paint('#5b4a47'),
    door: paint('#e3d3a8'),
    doorX: 1112,
    bricks: true,
  },
];

/** The panes of all houses, left to right; different people go to bed at different times. */
export const panes: readonly Pane[] = [
  { x: 84, y: 322, width: 44, height: 48, lit: [18.4, 33] },
  { x: 226, y: 322, width: 34, height: 48, lit: [18.4, 33] },
  { x: 146, y: 236, width: 44, height: 36, lit: [32, 37.5] },
  { x: 502, y: 316, width: 62, height: 56, lit: [19.6, 35] },
  { x: 690, y: 316, width: 56, height: 56, lit: [19.6, 30.5] },
  { x: 604, y: 204, width: 40, height: 42, lit: [30, 39.5] },
  { x: 980, y: 320, width: 48, height: 50, lit: [20.6, 26.5] },
  { x: 1044, y: 320, width: 36, height: 50, lit: [20.6, 26.5] },
  { x: 1050, y: 240, width: 42, height: 34, lit: [26, 31.5] },
];

/** The porch lamp's bulb, in front of the middle house. */
export const porchLamp = { x: 624, y: 318 };

/** Walls, roofs, doors, unlit panes and the porch. */
export function drawHouses(canvas: Canvas): void {
  for (const house of houses) drawHouse(canvas, house);
  for (const pane of panes) drawWindow(canvas, pane);
  drawPorch(canvas);
}

function drawHouse(canvas: Canvas, house: House): void {
  const top = houseGroundY - house.wallHeight;
  const middle = house.x + house.width / 2;
  const right = house.x + house.width;
  canvas.fill(
    box(house.x + house.width * 0.74, top - house.roofHeight - 6, 26, house.roofHeight),
    mix(house.roof, paint('#8a5a48'), 0.6),
  );
  canvas.fill(
    box(house.x + house.width * 0.74 - 3, top - house.roofHeight - 10, 32, 7),
    mix(house.roof, paint('#000000'), 0.25),
  );
  const shaded = (x: number, y: number): Paint => {
    const dark = 0.1 * Math.max(0, (x - middle) / house.width) + 0.1 * Math.max(0, (y - houseGroundY + 40) / 40);
    return mix(house.wall, paint('#30283a'), dark);
  };
  canvas.fill(box(house.x, top, house.width, house.wallHeight), shaded);
  canvas.fill([house.x, top + 1, middle, top - house.roofHeight, right, top + 1], (x, y) =>
    mix(shaded(x, y), paint('#ffffff'), 0.06),
  );
  if (house.bricks) drawBricks(canvas, house, top);
  else drawBoards(canvas, house, top);
  const slope = house.roofHeight / (house.width / 2);
  const overhang = 18;
  const thick = 17;
  const eaves = top + overhang * slope;
  const ridge = top - house.roofHeight;
  canvas.fill(
    [
      house.x - overhang,
      eaves + 4,
      middle,
      ridge + 6,
      right + overhang,
      eaves + 4,
      right + overhang,
      eaves + 13,
      middle,
      ridge + 19,
      house.x - overhang,
      eaves + 13,
    ],
    paint('#1c1a28'),
    0.25,
  );
  canvas.fill(
    [house.x - overhang, eaves, middle, ridge - 4, middle, ridge - 4 + thick, house.x - overhang, eaves + thick - 5],
    mix(house.roof, paint('#ffffff'), 0.12),
  );
  canvas.fill(
    [right + overhang, eaves, middle, ridge - 4, middle, ridge - 4 + thick, right + overhang, eaves + thick - 5],
    house.roof,
  );
  canvas.fill(box(house.x - 3, houseGroundY - 9, house.width + 6, 11), paint('#8d8880'));
  drawDoor(canvas, house);
}

function drawBricks(canvas: Canvas, house: House, top: number): void {
  const joint = paint('#d9b9a4');
  for (let y = top + 8; y < houseGroundY - 10; y += 9) canvas.fill(box(house.x, y, house.width, 1), joint, 0.28);
  for (let row = 0, y = top - 1; y < houseGroundY - 18; row++, y += 9) {
    for (let x = house.x + (row % 2) * 11 + 6; x < house.x + house.width; x += 22)
      canvas.fill(box(x, y + 1, 1, 8), joint, 0.22);
  }
}

function drawBoards(canvas: Canvas, house: House, top: number): void {
  for (let y = top + 6; y < houseGroundY - 10; y += 11)
    canvas.fill(box(house.x, y, house.width, 1.4), paint('#4a3c38'), 0.16);
}

function drawDoor(canvas: Canvas, house: House): void {
  const x = house.doorX - 21;
  const y = houseGroundY - 98;
  canvas.fill(box(x - 6, y - 6, 54, 104), paint('#f4efe4'));
  canvas.fill(box(x, y, 42, 98), house.door);
  for (const [dx, dy, height] of [
    [6, 8, 34],
    [24, 8, 34],
    [6, 50, 40],
    [24, 50, 40],
  ] as const) {
    canvas.fill(box(x + dx, y + dy, 12, height), mix(house.door, paint('#000000'), 0.2));
  }
  canvas.fill(ellipse(x + 37, y + 52, { rx: 2.6 }), paint('#e8c860'));
  canvas.fill(box(x - 10, houseGroundY - 4, 62, 7), paint('#a8a098'));
}

/** Frame, dark glass with a reflection, bars and sill. */
function drawWindow(canvas: Canvas, { x, y, width, height }: Pane): void {
  canvas.fill(box(x - 5, y - 5, width + 10, height + 10), paint('#f6f2e8'));
  const glass = (px: number, py: number): Paint =>
    mix(paint('#5d7f9a'), paint('#a9c6d8'), Math.max(0, Math.min(1, ((px - x) / width + 1 - (py - y) / height) / 2)));
  canvas.fill(box(x, y, width, height), glass);
  drawBars(canvas, { x, y, width, height });
  canvas.fill(box(x - 8, y + height + 5, width + 16, 5), paint('#d9d2c4'));
}

/** The bars that divide a pane, drawn again over a lit one. */
export function drawBars(canvas: Canvas, { x, y, width, height }: Omit<Pane, 'lit'>): void {
  canvas.fill(box(x + width / 2 - 1.5, y, 3, height), paint('#f6f2e8'));
  canvas.fill(box(x, y + height * 0.45, width, 3), paint('#f6f2e8'));
}

/** Roof on two posts, steps and railing before the middle house's door. */
function drawPorch(canvas: Canvas): void {
  const white = paint('#f7f3ea');
  canvas.fill(box(556, 330, 9, houseGroundY - 330), white);
  canvas.fill(box(645, 330, 9, houseGroundY - 330), white);
  canvas.fill([542, 318, 605, 272, 668, 318, 668, 332, 542, 332], paint('#3c3440'), 0.2);
  canvas.fill([540, 314, 605, 268, 670, 314], paint('#4d5a6b'));
  canvas.fill([558, 312, 605, 280, 652, 312], paint('#e9e2d2'));
  canvas.fill(box(540, 312, 130, 9), white);
  for (const x of [568, 577, 632, 640]) canvas.fill(box(x, 398, 3, 30), white);
  canvas.fill(box(560, 394, 26, 4), white);
  canvas.fill(box(626, 394, 24, 4), white);
  canvas.fill(box(572, houseGroundY - 2, 66, 8), paint('#b9b2a6'));
  canvas.fill(box(564, houseGroundY + 6, 82, 9), paint('#a69f94'));
  // The lamp hangs from the porch roof.
  canvas.fill(box(porchLamp.x - 1, 320, 2, 6), paint('#2c2a30'));
  canvas.fill(
    [porchLamp.x - 6, 329, porchLamp.x - 3, 324, porchLamp.x + 3, 324, porchLamp.x + 6, 329],
    paint('#2c2a30'),
  );
}
