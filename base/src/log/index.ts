/** Structured log, levelled, quiet by default. In: words and fields. Out: JSON lines on stderr. Promises: secrets are redacted. */
export { openLog, type Log, type LogLevel } from './log.ts';
export { openFakeLog, type FakeLog } from './fake-log.ts';
