import { openDice } from './canvas.ts';
import { cars, cat, walkers } from './cast.ts';
import { loopSeconds, toDaylight } from './daylight.ts';
import { cyclePx } from './person.ts';

/** As telephones and most cameras have it. */
export const soundRateHz = 8000;

/** One loop of sound, 16-bit mono: wind, birds by day, crickets by night, steps, cars, a dog and a cat. */
export function drawSound(): Int16Array {
  const sound = new Float32Array(loopSeconds * soundRateHz);
  addWind(sound);
  addBirds(sound);
  addCrickets(sound);
  for (const { way, look } of walkers) {
    const speed = Math.abs(way.speedPx);
    const stepSeconds = cyclePx(way.heightPx, look.runs === true) / speed / 2;
    const loudness = way.groundY > 600 ? 0.16 : 0.07;
    for (let at = way.fromSeconds; at < way.toSeconds; at += stepSeconds) {
      const x = way.fromX + way.speedPx * (at - way.fromSeconds);
      addStep(sound, {
        at,
        seed: Math.round(at * 1000),
        loudness: loudness * Math.max(0.15, 1 - Math.abs(x - 640) / 800),
      });
    }
  }
  for (const car of cars) addCar(sound, car);
  for (const at of [15.2, 15.55, 23.1]) addBark(sound, at);
  addMeow(sound, cat.sitsAt + 1.2);
  addMeow(sound, cat.sitsAt + 2.6);
  return Int16Array.from(sound, (level) => Math.round(Math.max(-1, Math.min(1, level)) * 32_000));
}

/** Adds `level(t)` from `at` for `lasts` seconds, round the end of the loop if need be. */
function add(sound: Float32Array, span: { at: number; lasts: number }, level: (t: number) => number): void {
  const first = Math.round(span.at * soundRateHz);
  for (let index = 0; index < span.lasts * soundRateHz; index++) {
    sound[(first + index) % sound.length]! += level(index / soundRateHz);
  }
}

/** Noise through a one-pole low-pass, run in beforehand so that the loop has no click. */
function toNoise(seed: number, cutoffHz: number): () => number {
  const dice = openDice(seed);
  const share = 1 - Math.exp((-2 * Math.PI * cutoffHz) / soundRateHz);
  let level = 0;
  return () => (level += (dice() * 2 - 1 - level) * share);
}

function addWind(sound: Float32Array): void {
  const noise = toNoise(71, 260);
  add(sound, { at: 0, lasts: loopSeconds }, (t) => {
    const gust =
      0.6 +
      0.25 * Math.sin((2 * Math.PI * t * 3) / loopSeconds) +
      0.15 * Math.sin((2 * Math.PI * t * 7) / loopSeconds + 1);
    const edge = Math.min(1, t * 20, (loopSeconds - t) * 20);
    return noise() * 0.1 * gust * edge;
  });
}

/** Short whistles that glide, in little phrases. */
function addBirds(sound: Float32Array): void {
  const dice = openDice(83);
  for (let at = 0.4; at < loopSeconds - 1; at += 0.9 + dice() * 1.8) {
    const day = 1 - toDaylight(at).lamps * 1.4;
    const pitch = 2300 + dice() * 900;
    const calls = 2 + Math.floor(dice() * 4);
    if (day <= 0.05) continue;
    for (let call = 0; call < calls; call++) {
      const rise = 300 + dice() * 500;
      let phase = 0;
      add(sound, { at: at + call * 0.13, lasts: 0.09 }, (t) => {
        phase += (2 * Math.PI * (pitch + Math.sin((t / 0.09) * Math.PI) * rise)) / soundRateHz;
        return Math.sin(phase) * Math.sin((t / 0.09) * Math.PI) ** 2 * 0.06 * day;
      });
    }
  }
}

/** Pulses of a high tone, in threes. */
function addCrickets(sound: Float32Array): void {
  for (const [tone, period, offset] of [
    [3300, 0.62, 0],
    [3050, 0.74, 0.31],
  ] as const) {
    for (let at = 20 + offset; at < 43; at += period) {
      const dark = Math.max(0, toDaylight(at).night - 0.25) / 0.75;
      if (dark > 0)
        add(
          sound,
          { at, lasts: 0.18 },
          (t) => Math.sin(2 * Math.PI * tone * t) * Math.abs(Math.sin((t / 0.06) * Math.PI)) * 0.035 * dark,
        );
    }
  }
}

function addStep(sound: Float32Array, step: { at: number; seed: number; loudness: number }): void {
  const heel = toNoise(step.seed, 900);
  add(
    sound,
    { at: step.at, lasts: 0.09 },
    (t) => (heel() * 1.6 + Math.sin(2 * Math.PI * 95 * t) * 0.5) * Math.exp(-t * 60) * step.loudness * 2.4,
  );
  const sole = toNoise(step.seed + 1, 2200);
  add(sound, { at: step.at + 0.07, lasts: 0.06 }, (t) => sole() * Math.exp(-t * 70) * step.loudness);
}

/** Engine and tyres: louder and higher while it comes, lower when it has passed. */
function addCar(sound: Float32Array, car: (typeof cars)[number]): void {
  const tyres = toNoise(car.groundY, 700);
  const lasts = car.toSeconds - car.fromSeconds;
  let phase = 0;
  add(sound, { at: car.fromSeconds, lasts }, (t) => {
    const away = (car.fromX + car.speedPx * t - 640) / 300;
    const near = 1 / (1 + away * away);
    phase += (2 * Math.PI * (62 - 5 * Math.tanh(away * Math.sign(car.speedPx)))) / soundRateHz;
    const engine = Math.sin(phase) * 0.5 + Math.sin(phase * 2 + 0.4) * 0.35 + Math.sin(phase * 3) * 0.2;
    return (tyres() * 1.3 + engine * 0.3) * near * Math.min(1, t * 3, (lasts - t) * 3) * 0.5;
  });
}

function addBark(sound: Float32Array, at: number): void {
  const breath = toNoise(Math.round(at * 100), 1500);
  let phase = 0;
  add(sound, { at, lasts: 0.2 }, (t) => {
    phase += (2 * Math.PI * (420 - 900 * t)) / soundRateHz;
    const voice = Math.sin(phase) + 0.6 * Math.sin(2 * phase) + 0.4 * Math.sin(3 * phase) + breath() * 0.9;
    return voice * Math.min(1, t * 60) * Math.exp(-t * 17) * 0.11;
  });
}

/** Rises, opens and falls: the harmonics move as the mouth does. */
function addMeow(sound: Float32Array, at: number): void {
  const lasts = 0.75;
  let phase = 0;
  add(sound, { at, lasts }, (t) => {
    const share = t / lasts;
    phase += (2 * Math.PI * (520 + 210 * Math.sin(share * Math.PI) - 90 * share)) / soundRateHz;
    const open = Math.sin(share * Math.PI);
    const voice = Math.sin(phase) * 0.5 + Math.sin(2 * phase) * 0.7 * open + Math.sin(3 * phase) * 0.4 * open * open;
    return voice * Math.min(1, t * 18, (lasts - t) * 7) * 0.11;
  });
}
