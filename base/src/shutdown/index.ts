/** Ending a process. In: things to close. Out: an orderly end. Promises: reverse order, a time limit, once. */
export { openShutdown, type Shutdown, type ShutdownOptions } from './shutdown.ts';
