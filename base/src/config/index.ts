/** Options of a program. In: arguments, environment. Out: typed values. Promises: bad use is one line that says what to do. */
export { options, parseOptions, type Option, type OptionTable } from './options.ts';
export { readIceSettings, type IceSettings } from './ice-settings.ts';
