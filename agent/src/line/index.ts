/**
 * One camera's whole line, start to stop: source → stream → recorder, for its main and its sub stream.
 * In: the camera's configuration. Out: `ArchiveEvent`s, a report, streams to attach live viewers to.
 * Promises: lines share nothing; closing one finishes its open segments.
 */
export { openLine, type Line, type LineConfig, type LineDeps, type LineReport, type SourceReport } from './line.ts';
