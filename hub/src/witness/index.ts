/**
 * The hub as a witness of what agents recorded. In: signed heads of their chains. Out: signed receipts, and what was written down for members to
 * read. Promises: the log is only ever written on; what does not go on from what stood there is kept as a conflict, not refused, and is an alarm.
 */
export { openWitness, type Witness, type WitnessOptions } from './witness.ts';
