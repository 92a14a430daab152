/** `porchlight start`. In: arguments and environment. Out: a running house. Promises: ready.json, one line per problem, Ctrl-C within 5 s. */
export { start, startHelp } from './start.ts';
export { parseStartOptions, type StartOptions } from './start-options.ts';
export { UsageError } from './usage-error.ts';
