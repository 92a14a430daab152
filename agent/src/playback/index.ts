/**
 * Footage over HTTP: what is recorded, HLS of any span, export, key frames. In: the archive and its volume.
 * Out: a Hono app at the contract's paths. Promises: nothing is re-encoded; a run is one time line over all its files;
 * the open segment is played too; the app that mounts it checks grants.
 */
export { openExport, type Export } from './export.ts';
export { findAltered, makeExportManifest, waitForReceipt, type FootageRecord } from './manifest.ts';
export { playbackRoutes, type PlaybackDependencies } from './playback-routes.ts';
