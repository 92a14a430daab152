/** Time as a dependency. Out: wall ms UTC, monotonic ms, timers. Promises: nothing else in the house reads time. */
export { systemClock, type Clock, type Timer } from './clock.ts';
export { openFakeClock, type FakeClock } from './fake-clock.ts';
