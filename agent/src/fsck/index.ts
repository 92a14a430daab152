/**
 * Looking after an archive by hand. In: an agent's folder, its volumes. Out: what is odd, as values and as words. Promises: looking changes
 * nothing; repair never deletes a file and never runs beside an agent; an index that is replaced is put aside.
 */
export { fsck, type FsckOptions, type FsckResult } from './fsck.ts';
export { isClean, writeReport, type FsckReport, type Oddity } from './report.ts';
