/**
 * Exports as jobs. In: a wish of cameras, streams and a span. Out: MP4 files, a manifest, a zip; how far they are. Promises: one job at a
 * time, slow enough for recording; kept on disk and resumed after a restart, finished files not made again; a file is there whole or not at
 * all; what does not fit is refused before; files go after 24 hours.
 */
export { isClockSynchronized } from './clock-facts.ts';
export { openExportJobs, type ExportJobs, type OpenedFile, type OwnedExport } from './export-jobs.ts';
export { openJobFolder, type JobFolder } from './job-folder.ts';
export type { JobParts } from './job-parts.ts';
export { openPace, type Pace } from './pace.ts';
