/**
 * The live picture. In: a camera as the API shows it. Out: a component that finds the best way to show it, and its words.
 * Promises: steps down on trouble, climbs back by itself, and fetches nothing while nobody can see it.
 */
export { findPath } from './ladder.ts';
export { LiveView, type LiveHandle } from './live-view.tsx';
export { toRungText, toWhyText } from './live-words.ts';
export { drawPicture, saveBlob, toJpeg } from './picture.ts';
export { canPlay } from './ability.ts';
export type { LiveState } from './viewer.ts';
