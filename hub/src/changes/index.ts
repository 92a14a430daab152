/** Telling pages what changed. In: changes. Out: messages to listeners. Promises: at most one a second for each thing; none after a session's end. */
export { openLocalChanges, type ChangeListener, type Changes, type LocalChanges } from './changes.ts';
