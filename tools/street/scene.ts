import { box, Canvas, ellipse, mix, openDice, type Paint, paint } from './canvas.ts';
import { type Actor, castAt } from './cast.ts';
import { type Daylight, loopSeconds, toDaylight } from './daylight.ts';
import { drawBars, panes, porchLamp } from './houses.ts';
import { drawScenery, streetLamps } from './scenery.ts';
import { widthOf, write } from './text.ts';

/** Size and rate of the drawn pictures. */
export const picture = { widthPx: 1280, heightPx: 720, ratePerSecond: 15 };

/** A light that moves, as it adds to what it falls on. */
export type Beam = {
  readonly x: number;
  readonly y: number;
  readonly rx: number;
  readonly ry: number;
  readonly strength: number;
};

const lampColour = paint('#ffc878');

/** The street, ready to be drawn at any time of the loop. */
export type Street = {
  /** The picture at `seconds` as packed RGB bytes; valid until the next call. */
  draw(seconds: number): Uint8Array;
};

/** Draws everything that stands still once. */
export function openStreet(): Street {
  const { widthPx, heightPx } = picture;
  const scenery = drawScenery(widthPx, heightPx);
  const lampLight = toLampLight(widthPx, heightPx);
  const stars = toStars();
  const canvas = new Canvas(widthPx, heightPx);
  const bytes = new Uint8Array(widthPx * heightPx * 3);
  return {
    draw(seconds) {
      const daylight = toDaylight(seconds);
      drawSky(canvas, seconds, daylight, stars);
      lay(scenery, canvas);
      drawLitPanes(canvas, seconds);
      drawLamps(canvas, daylight);
      const actors = castAt(seconds);
      for (const actor of actors) actor.draw(canvas);
      drawClock(canvas, seconds);
      expose(canvas, { bytes, daylight, lampLight, beams: toBeams(actors, daylight) });
      return bytes;
    },
  };
}

function toBeams(actors: readonly Actor[], daylight: Daylight): Beam[] {
  return actors.flatMap((actor) =>
    (actor.beams ?? []).map((beam) => ({ ...beam, strength: beam.strength * daylight.lamps })),
  );
}

type Star = { readonly x: number; readonly y: number; readonly size: number };

function toStars(): Star[] {
  const dice = openDice(97);
  return Array.from({ length: 110 }, () => ({ x: dice() * 1280, y: dice() ** 1.4 * 260, size: 0.6 + dice() * 1.1 }));
}

/** The sky's colour at a row of pixels. */
function skyAt(daylight: Daylight, y: number): Paint {
  return mix(daylight.skyTop, daylight.skyLow, Math.min(1, y / 330) ** 1.3);
}

/** Gradient, stars, sun, moon and clouds. Clouds jump back in the darkest hour, when none can be seen. */
function drawSky(canvas: Canvas, seconds: number, daylight: Daylight, stars: readonly Star[]): void {
  const { width, pixels } = canvas;
  for (let y = 0; y < 470; y++) {
    const colour = skyAt(daylight, y);
    for (let x = 0, at = y * width * 5; x < width; x++, at += 5) {
      pixels[at] = colour.r;
      pixels[at + 1] = colour.g;
      pixels[at + 2] = colour.b;
      pixels[at + 3] = 1;
      pixels[at + 4] = 1;
    }
  }
  const glimmer = Math.max(0, daylight.night - 0.3) / 0.7;
  for (const star of stars)
    if (glimmer > 0) canvas.fill(ellipse(star.x, star.y, { rx: star.size }), paint('#eef2ff', 1), glimmer * 0.9);
  drawSunAndMoon(canvas, seconds, daylight);
  const drift = ((seconds + loopSeconds - 31) % loopSeconds) * 5;
  const cloud = mix(paint('#ffffff', 1), daylight.skyLow, Math.min(1, daylight.lamps * 0.9));
  if (daylight.night > 0.97) return;
  for (const [x, y, size] of [
    [40, 92, 1],
    [430, 56, 0.75],
    [760, 118, 1.15],
    [-190, 60, 0.8],
  ] as const) {
    drawCloud(canvas, {
      x: x + drift,
      y,
      size,
      colour: (_, row) => mix(skyAt(daylight, row), cloud, 0.88 * (1 - daylight.night)),
    });
  }
}

function drawCloud(
  canvas: Canvas,
  cloud: { x: number; y: number; size: number; colour: (x: number, y: number) => Paint },
): void {
  const { x, y, size } = cloud;
  for (const [dx, dy, rx] of [
    [0, 0, 46],
    [-44, 9, 30],
    [42, 8, 34],
    [-14, -15, 32],
    [22, -12, 26],
    [78, 14, 18],
    [-76, 15, 16],
  ] as const) {
    canvas.fill(ellipse(x + dx * size, y + dy * size, { rx: rx * size, ry: rx * 0.56 * size }), cloud.colour);
  }
}

/** From 0 (rises) to 1 (sets); outside while below the horizon. */
function toArc(seconds: number, rises: number, lasts: number): { x: number; y: number; height: number } {
  const share = ((seconds + loopSeconds - rises) % loopSeconds) / lasts;
  const height = Math.sin(Math.PI * Math.min(1, share));
  return { x: 60 + 1160 * share, y: 350 - 250 * height, height: share > 1 ? 0 : height };
}

function drawSunAndMoon(canvas: Canvas, seconds: number, daylight: Daylight): void {
  const sun = toArc(seconds, 40.5, 29);
  if (sun.height > 0) {
    const colour = mix(paint('#ff9a4a', 1), paint('#fff6d0', 1), Math.min(1, sun.height * 1.6));
    for (const [radius, opacity] of [
      [120, 0.05],
      [84, 0.08],
      [56, 0.14],
      [30, 1],
    ] as const) {
      canvas.fill(ellipse(sun.x, sun.y, { rx: radius }), colour, opacity);
    }
  }
  const moon = toArc(seconds, 21.5, 20);
  if (moon.height > 0 && daylight.night > 0.2) {
    canvas.fill(ellipse(moon.x, moon.y, { rx: 46 }), paint('#dfe6ff', 1), 0.07 * daylight.night);
    canvas.fill(ellipse(moon.x, moon.y, { rx: 20 }), paint('#f3f0e0', 1), daylight.night);
    for (const [dx, dy, rx] of [
      [-6, -5, 4.5],
      [6, 3, 3.4],
      [-3, 8, 2.6],
    ] as const) {
      canvas.fill(ellipse(moon.x + dx, moon.y + dy, { rx }), paint('#d2cfc2', 1), daylight.night * 0.8);
    }
  }
}

/** Lays one canvas over another, pixel by pixel. */
function lay(over: Canvas, under: Canvas): void {
  const from = over.pixels;
  const to = under.pixels;
  for (let at = 0; at < from.length; at += 5) {
    const alpha = from[at + 4]!;
    if (alpha === 0) continue;
    const rest = alpha > 0.996 ? 0 : 1 - alpha;
    for (let part = 0; part < 4; part++) to[at + part] = from[at + part]! * (1 - rest) + to[at + part]! * rest;
    to[at + 4] = 1;
  }
}

/** 0 to 1 within a fifth of a second around switching. */
function isOn(seconds: number, [from, to]: readonly [number, number]): number {
  return Math.max(0, Math.min(1, (seconds - from) * 5, (to - seconds) * 5));
}

function drawLitPanes(canvas: Canvas, seconds: number): void {
  for (const pane of panes) {
    const on = isOn(seconds, pane.lit);
    if (on === 0) continue;
    const { x, y, width, height } = pane;
    const glow = (px: number, py: number): Paint => {
      const off = Math.hypot((px - x - width / 2) / width, (py - y - height * 0.3) / height);
      return mix(paint('#ffe9a8', 0.95), paint('#f0a850', 0.9), Math.min(1, off * 1.2));
    };
    canvas.fill(box(x, y, width, height), glow, on);
    canvas.fill(
      [x, y, x + width * 0.2, y, x + width * 0.1, y + height, x, y + height],
      paint('#c9743c', 0.7),
      on * 0.7,
    );
    canvas.fill(
      [x + width, y, x + width * 0.8, y, x + width * 0.9, y + height, x + width, y + height],
      paint('#c9743c', 0.7),
      on * 0.7,
    );
    drawBars(canvas, pane);
  }
}

function drawLamps(canvas: Canvas, { lamps }: Daylight): void {
  const bulb = mix(paint('#e8e4d4'), paint('#fff4cc', 1), lamps);
  canvas.fill(ellipse(porchLamp.x, porchLamp.y + 14, { rx: 4.5, ry: 5.5 }), bulb);
  for (const lamp of streetLamps)
    canvas.fill(ellipse(lamp.bulbX, lamp.bulbY - 3, { rx: 11, ry: 4, from: 0, to: Math.PI }), bulb);
  if (lamps < 0.05) return;
  for (const [x, y, size] of [
    [porchLamp.x, porchLamp.y + 14, 30],
    ...streetLamps.map((lamp) => [lamp.bulbX, lamp.bulbY, 38] as const),
  ] as const) {
    for (const share of [1, 0.7, 0.45, 0.25])
      canvas.fill(ellipse(x, y, { rx: size * share }), { ...lampColour, shine: 1 }, 0.07 * lamps);
  }
}

/** How much lamp light falls on each pixel: a warm pool around the porch, a cone under each street lamp. */
function toLampLight(width: number, height: number): Float32Array {
  const light = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const porch = 0.9 / (1 + ((x - porchLamp.x) ** 2 * 1.1 + (y - porchLamp.y - 30) ** 2) / 95 ** 2) ** 1.6;
      let sum = y < 270 ? porch * Math.max(0, 1 - (270 - y) / 60) : porch;
      for (const lamp of streetLamps) {
        const below = y - lamp.bulbY;
        if (below < -2) continue;
        const spread = 30 + below * 0.62;
        const sideways = Math.exp(-(((x - lamp.bulbX) / spread) ** 2));
        sum += (sideways * 0.95 * Math.min(1, (below + 2) / 14)) / (1 + (below / 330) ** 2);
      }
      light[y * width + x] = sum;
    }
  }
  return light;
}

/** The camera's own writing: the name and the time of the loop. */
function drawClock(canvas: Canvas, seconds: number): void {
  const tenths = Math.floor(seconds * 10 + 1e-6);
  const clock = `00:${String(Math.floor(tenths / 10)).padStart(2, '0')}`;
  const dotPx = 3;
  for (const [text, x] of [
    ['DEMO STREET', 28],
    [clock, canvas.width - 28 - widthOf(clock, dotPx)],
  ] as const) {
    canvas.fill(box(x - 10, 18, widthOf(text, dotPx) + 20, 37), paint('#101418', 1), 0.55);
    write(canvas, text, { x, y: 26, dotPx, colour: paint('#ffffff', 1) });
  }
}

type Exposure = {
  readonly bytes: Uint8Array;
  readonly daylight: Daylight;
  readonly lampLight: Float32Array;
  readonly beams: readonly Beam[];
};

/** Light times colour, as bytes. */
function expose(canvas: Canvas, { bytes, daylight, lampLight, beams }: Exposure): void {
  const { pixels, width } = canvas;
  const { ambient, lamps } = daylight;
  for (let pixel = 0, at = 0, to = 0; pixel < lampLight.length; pixel++, at += 5, to += 3) {
    let lamp = lampLight[pixel]! * lamps;
    for (const beam of beams) {
      const dx = ((pixel % width) - beam.x) / beam.rx;
      const dy = (pixel / width - beam.y) / beam.ry;
      const far = dx * dx + dy * dy;
      if (far < 1) lamp += beam.strength * (1 - far) ** 1.5;
    }
    const shine = pixels[at + 3]!;
    const lit = 1 - shine;
    bytes[to] = toByte(pixels[at]! * (shine + lit * (ambient.r + lamp * lampColour.r)));
    bytes[to + 1] = toByte(pixels[at + 1]! * (shine + lit * (ambient.g + lamp * lampColour.g)));
    bytes[to + 2] = toByte(pixels[at + 2]! * (shine + lit * (ambient.b + lamp * lampColour.b)));
  }
}

function toByte(level: number): number {
  return Math.max(0, Math.min(255, Math.round(level * 255)));
}
