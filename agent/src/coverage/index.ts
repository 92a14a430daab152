/**
 * What is recorded and how much. In: runs, open segments and reasons told; times. Out: spans and holes with their reasons; sums by reason, of
 * a span or of the days of a month. Pure. Promises: recorded and missing never count the same moment twice; a day is as long as its zone has it.
 */
export { measureCoverage, type CoverageSum } from './measure-coverage.ts';
export { findMonth } from './find-month.ts';
export { toCoverage, type CoverageInput } from './recorded-coverage.ts';
