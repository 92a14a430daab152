/** Options of a program. In: arguments. Out: typed values. Promises: bad use is one line that says what to do. */
export { options, parseOptions, type Option, type OptionTable } from './options.ts';
