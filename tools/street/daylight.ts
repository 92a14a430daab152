import { type Paint, mix, paint } from './canvas.ts';

/** Length of the loop: a whole day in 48 seconds, twenty-four groups of 30 pictures. */
export const loopSeconds = 48;

/** How light it is at one moment. */
export type Daylight = {
  readonly skyTop: Paint;
  readonly skyLow: Paint;
  /** What surfaces get from everywhere. */
  readonly ambient: Paint;
  /** Street lamps and porch light, 0 to 1. */
  readonly lamps: number;
  /** Stars, 0 to 1. */
  readonly night: number;
};

const day: Daylight = {
  skyTop: paint('#5fa4dc', 1),
  skyLow: paint('#cfe6f2', 1),
  ambient: paint('#fffaf0'),
  lamps: 0,
  night: 0,
};
const golden: Daylight = {
  skyTop: paint('#4a5f9c', 1),
  skyLow: paint('#f6b27a', 1),
  ambient: paint('#d8a084'),
  lamps: 0.55,
  night: 0.1,
};
const blue: Daylight = {
  skyTop: paint('#1a2450', 1),
  skyLow: paint('#7a5a80', 1),
  ambient: paint('#6a6290'),
  lamps: 0.95,
  night: 0.6,
};
const night: Daylight = {
  skyTop: paint('#0a1029', 1),
  skyLow: paint('#26315a', 1),
  ambient: paint('#3a4672'),
  lamps: 1,
  night: 1,
};
const dawn: Daylight = {
  skyTop: paint('#5f78b8', 1),
  skyLow: paint('#fbd0b4', 1),
  ambient: paint('#cfa9a4'),
  lamps: 0.35,
  night: 0.12,
};

const course: readonly (readonly [number, Daylight])[] = [
  [0, day],
  [14, day],
  [18.5, golden],
  [21.5, blue],
  [24.5, night],
  [38.5, night],
  [41, blue],
  [43.5, dawn],
  [47, day],
  [loopSeconds, day],
];

/** The light at a time of the loop, in seconds. */
export function toDaylight(seconds: number): Daylight {
  const time = seconds % loopSeconds;
  const next = course.findIndex(([start]) => start > time);
  const [fromTime, from] = course[next - 1]!;
  const [toTime, to] = course[next]!;
  const linear = (time - fromTime) / (toTime - fromTime);
  const share = linear * linear * (3 - 2 * linear);
  return {
    skyTop: mix(from.skyTop, to.skyTop, share),
    skyLow: mix(from.skyLow, to.skyLow, share),
    ambient: mix(from.ambient, to.ambient, share),
    lamps: from.lamps + (to.lamps - from.lamps) * share,
    night: from.night + (to.night - from.night) * share,
  };
}
