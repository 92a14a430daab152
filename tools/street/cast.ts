import { drawCat, drawDog } from './animals.ts';
import { type Canvas, ellipse, limb, paint, smooth } from './canvas.ts';
import { type CarStance, drawCar, toHeadlights } from './car.ts';
import { toDaylight } from './daylight.ts';
import { drawPerson, type Look, type Stance } from './person.ts';
import { ground } from './scenery.ts';
import type { Beam } from './scene.ts';

/** Somebody or something on the street at one moment. */
export type Actor = { readonly groundY: number; readonly beams?: readonly Beam[]; draw(canvas: Canvas): void };

/** Somebody's way along the street. */
export type Way = {
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly fromX: number;
  readonly speedPx: number;
  readonly groundY: number;
  readonly heightPx: number;
};

type Walker = { readonly way: Way; readonly look: Look; readonly with?: 'dog' | 'balloon' };

const skin = { light: paint('#f0c3a0'), brown: paint('#a8704c'), tan: paint('#d99f78') };

/** All who walk, with their times; the sound of their steps is made from the same numbers. */
export const walkers: readonly Walker[] = [
  {
    way: { fromSeconds: 0.6, toSeconds: 16.6, fromX: -90, speedPx: 92, groundY: ground.nearWalkY, heightPx: 172 },
    look: {
      coat: paint('#c2413b'),
      trousers: paint('#39405c'),
      shoes: paint('#5a3a2c'),
      skin: skin.light,
      hair: paint('#7a4528'),
      longCoat: true,
      longHair: true,
      scarf: paint('#f0c85a'),
      bag: paint('#8a5a34'),
    },
  },
  {
    way: { fromSeconds: 0.6, toSeconds: 17.4, fromX: -200, speedPx: 92, groundY: ground.nearWalkY - 8, heightPx: 108 },
    look: {
      coat: paint('#f2b035'),
      trousers: paint('#4f7aa6'),
      shoes: paint('#c8483e'),
      skin: skin.light,
      hair: paint('#8a5530'),
      cap: paint('#3f8a6c'),
      holds: 'balloon',
    },
    with: 'balloon',
  },
  {
    way: { fromSeconds: 11.5, toSeconds: 35.5, fromX: 1345, speedPx: -60, groundY: ground.farWalkY, heightPx: 112 },
    look: {
      coat: paint('#4d6f8f'),
      trousers: paint('#6a5a48'),
      shoes: paint('#2c2622'),
      skin: skin.brown,
      hair: paint('#2a2022'),
      cap: paint('#8a4a3c'),
      holds: 'lead',
    },
    with: 'dog',
  },
  {
    way: { fromSeconds: 30, toSeconds: 47, fromX: -50, speedPx: 82, groundY: ground.farWalkY, heightPx: 112 },
    look: {
      coat: paint('#6f8f5a'),
      trousers: paint('#37323c'),
      shoes: paint('#3a2a24'),
      skin: skin.tan,
      hair: paint('#c9c2ba'),
      longCoat: true,
      scarf: paint('#c24a5a'),
      bag: paint('#44546a'),
    },
  },
  {
    way: {
      fromSeconds: 40.4,
      toSeconds: 47.6,
      fromX: 1350,
      speedPx: -200,
      groundY: ground.nearWalkY + 4,
      heightPx: 170,
    },
    look: {
      coat: paint('#38b0a4'),
      trousers: paint('#2f3346'),
      shoes: paint('#f0702e'),
      skin: skin.tan,
      hair: paint('#352420'),
      longHair: true,
      runs: true,
    },
  },
];

/** The cars: one by day in the far lane, one by night in the near lane with its lights on. */
export const cars = [
  {
    fromSeconds: 8.2,
    toSeconds: 13.4,
    fromX: 1500,
    speedPx: -340,
    groundY: ground.farLaneY,
    scale: 0.82,
    colour: paint('#3f7fb8'),
  },
  {
    fromSeconds: 25.6,
    toSeconds: 31.4,
    fromX: -240,
    speedPx: 330,
    groundY: ground.nearLaneY,
    scale: 1,
    colour: paint('#c8a24a'),
  },
] as const;

/** The cat comes by night, sits down for a while and goes on. */
export const cat = {
  comesAt: 31.2,
  sitsAt: 35.2,
  risesAt: 38.8,
  goneAt: 44,
  fromX: 1330,
  speedPx: -152,
  groundY: ground.nearWalkY - 8,
  heightPx: 52,
};

/** Who is on the street, the farthest first. */
export function castAt(seconds: number): Actor[] {
  const actors: Actor[] = [];
  for (const walker of walkers) {
    const { way } = walker;
    if (seconds >= way.fromSeconds && seconds <= way.toSeconds) actors.push(toWalker(walker, seconds));
  }
  for (const car of cars) if (seconds >= car.fromSeconds && seconds <= car.toSeconds) actors.push(toCar(car, seconds));
  if (seconds >= cat.comesAt && seconds <= cat.goneAt) actors.push(toCat(seconds));
  return actors.sort((a, b) => a.groundY - b.groundY);
}

function toWalker({ way, look, with: companion }: Walker, seconds: number): Actor {
  const { groundY, heightPx } = way;
  const walkedPx = Math.abs(way.speedPx) * (seconds - way.fromSeconds);
  const facing = way.speedPx > 0 ? 1 : -1;
  const stance: Stance = { x: way.fromX + facing * walkedPx, groundY, heightPx, facing, walkedPx };
  return {
    groundY,
    draw(canvas) {
      const hand = drawPerson(canvas, stance, look);
      if (companion === 'dog') {
        const dogX = stance.x + facing * 74;
        const collar = drawDog(
          canvas,
          { x: dogX, groundY: groundY + 3, heightPx: 40, facing, walkedPx, seconds },
          paint('#b8793f'),
        );
        const middle = { x: (hand.x + collar.x) / 2, y: Math.max(hand.y, collar.y) + 4 };
        for (const [from, to] of [
          [hand, middle],
          [middle, collar],
        ] as const)
          canvas.fill(limb(from, to, [1.6, 1.6]), paint('#c03a34'));
      }
      if (companion === 'balloon') drawBalloon(canvas, hand, seconds);
    },
  };
}

function drawBalloon(canvas: Canvas, hand: { x: number; y: number }, seconds: number): void {
  const x = hand.x - 16 + Math.sin(seconds * 1.9) * 6;
  const y = hand.y - 92 + Math.sin(seconds * 2.7) * 3;
  canvas.fill(limb(hand, { x, y: y + 26 }, [1.3, 1.3]), paint('#f4f0e8'));
  canvas.fill(
    smooth([x, y - 25, x + 20, y - 10, x + 15, y + 13, x, y + 25, x - 15, y + 13, x - 20, y - 10]),
    paint('#e8508a'),
  );
  canvas.fill([x, y + 23, x + 5, y + 30, x - 5, y + 30], paint('#c03a70'));
  canvas.fill(ellipse(x - 7, y - 11, { rx: 4, ry: 6.5, tilt: 0.5 }), paint('#ffc8dc'), 0.8);
}

function toCar(car: (typeof cars)[number], seconds: number): Actor {
  const facing = car.speedPx > 0 ? 1 : -1;
  const x = car.fromX + car.speedPx * (seconds - car.fromSeconds);
  const stance: CarStance = { x, groundY: car.groundY, facing, scale: car.scale };
  const lights = toDaylight(seconds).lamps;
  return {
    groundY: car.groundY,
    beams: toHeadlights(stance),
    draw: (canvas) => drawCar(canvas, stance, { colour: car.colour, lights }),
  };
}

function toCat(seconds: number): Actor {
  const walking = Math.min(seconds, cat.sitsAt) - cat.comesAt + Math.max(0, seconds - cat.risesAt);
  const walkedPx = Math.abs(cat.speedPx) * walking;
  const sits = Math.max(0, Math.min(1, (seconds - cat.sitsAt) * 3, (cat.risesAt - seconds) * 3));
  const stance = {
    x: cat.fromX - walkedPx,
    groundY: cat.groundY,
    heightPx: cat.heightPx,
    facing: -1 as const,
    walkedPx,
    seconds,
  };
  return { groundY: cat.groundY, draw: (canvas) => drawCat(canvas, stance, { colour: paint('#d8894a'), sits }) };
}
