/** Trouble without flapping. In: good or bad, again and again. Out: when to say so and when to take it back. Promises: no clock of its own, no timers. */
export {
  openHysteresis,
  type Hysteresis,
  type HysteresisRule,
  type HysteresisState,
  type Moment,
} from './hysteresis.ts';
