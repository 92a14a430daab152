/**
 * What the agent's tests share. Out: cameras played by hand, in step with a fake clock; an archive with its recorder on a fake
 * volume. Never imported by production code.
 */
export { drawnVideoTrack, openDrawnSource, toFrameNumber, type DrawnSourceOptions } from './drawn-source.ts';
export { openFeed, openMovieSource, type Feed, type FrameSource } from './feed.ts';
export { cap, day, House, midnight, porch, span, yard } from './house.ts';
export { makeHouseKeys, type HouseKeys, type Pair } from './house-keys.ts';
