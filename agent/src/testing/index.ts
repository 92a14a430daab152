/** What the agent's tests share. Out: a camera played by hand, in step with a fake clock. Never imported by production code. */
export { openFeed, openMovieSource, type Feed, type FrameSource } from './feed.ts';
