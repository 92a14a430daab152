/** Recorded footage by wall time. In: camera and a time. Out: a player, and key pictures while scrubbing. */
export { openPlayer, type PlaybackState, type Player } from './player.ts';
export { openKeyDecoder } from './key-decoder.ts';
export { openScrubber, type Scrubber } from './scrubber.ts';
