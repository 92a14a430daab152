/**
 * How much is recorded. In: what is recorded between two times, with its holes. Out: sums by reason, of a span or of the days of a
 * month. Pure. Promises: recorded and missing never count the same moment twice; a day is as long as its zone has it.
 */
export { measureCoverage, type CoverageSum } from './measure-coverage.ts';
export { findMonth } from './find-month.ts';
