/** What runs in the camera page while playback is measured. Stated as source text, because the page has no modules of ours. */
import { numberedFps, numberedFrames, readNumberSource } from './numbered.ts';

/** One click on the timeline: milliseconds from the pointer's lift. */
export type Clicked = {
  /** The first picture of the wanted time in the player. */
  readonly playsMs: number;
  /** The next one: it moves. */
  readonly movesMs: number;
  /** The key picture that stands there until then. */
  readonly stillMs: number | undefined;
  /** The first picture's own time minus the time clicked. */
  readonly offMs: number;
};

/** One stretch of playing. */
export type Played = {
  readonly pictures: number;
  /** Longest media time between two pictures beyond what their numbers say. */
  readonly holeMs: number;
  /** Longest hole between buffered ranges at any time. */
  readonly bufferHoleMs: number;
  /** Longest wall time without a new picture. */
  readonly pauseMs: number;
  readonly waits: number;
  readonly stalls: number;
};

const common = `
  const readNumber = ${readNumberSource};
  const canvas = document.createElement('canvas');
  const video = document.querySelector('video[aria-label]');
  const marks = (name) => performance.getEntriesByName('porchlight:' + name).map(({ startTime }) => startTime);
  const total = ${numberedFrames};
  const frameMs = ${1000 / numberedFps};
  const apart = (from, to) => ((to - from + 1.5 * total) % total) - total / 2;
`;

/** Gets ready for a click and the pictures it leads to. Takes `{ wallMs, zeroMs }`; `clickedSource` gives `Clicked`. */
export const watchClickSource = `({ wallMs, zeroMs }) => void (globalThis.clicked = new Promise((done, failed) => {
  ${common}
  const wanted = ((wallMs - zeroMs) / frameMs) % total;
  let liftedMs, first;
  setTimeout(() => failed(new Error('No picture within 15 s')), 15000);
  addEventListener('pointerup', ({ timeStamp }) => (liftedMs = timeStamp), { capture: true, once: true });
  const next = () => {
    const nowMs = performance.now();
    if (liftedMs !== undefined) {
      const number = readNumber(video, canvas);
      if (first === undefined && Math.abs(apart(wanted, number)) <= 25)
        first = { playsMs: nowMs - liftedMs, offMs: apart(wanted, number) * frameMs, number };
      else if (first !== undefined && number !== first.number)
        return done({ ...first, movesMs: nowMs - liftedMs, stillMs: marks('scrub-picture').map((at) => at - liftedMs).find((ms) => ms >= 0) });
    }
    video.requestVideoFrameCallback(next);
  };
  video.requestVideoFrameCallback(next);
}))`;

/** What the click that was watched for led to. */
export const clickedSource = 'globalThis.clicked';

/** Watches the player for `{ ms }`; gives `Played`. */
export const watchPlayingSource = `async ({ ms }) => {
  ${common}
  const seen = [];
  let waits = 0;
  let bufferHoleMs = 0;
  const fromMs = performance.now();
  const onWaiting = () => waits++;
  video.addEventListener('waiting', onWaiting);
  const looking = setInterval(() => {
    const { buffered } = video;
    for (let range = 1; range < buffered.length; range++)
      bufferHoleMs = Math.max(bufferHoleMs, (buffered.start(range) - buffered.end(range - 1)) * 1000);
  }, 250);
  await new Promise((done) => {
    const next = (nowMs, { mediaTime }) => {
      seen.push({ atMs: performance.now(), mediaMs: mediaTime * 1000, number: readNumber(video, canvas) });
      if (performance.now() - fromMs < ms) video.requestVideoFrameCallback(next);
      else done();
    };
    video.requestVideoFrameCallback(next);
    setTimeout(done, ms + 10000);
  });
  clearInterval(looking);
  video.removeEventListener('waiting', onWaiting);
  let holeMs = 0;
  let pauseMs = 0;
  for (let index = 1; index < seen.length; index++) {
    const [one, other] = [seen[index - 1], seen[index]];
    const saidMs = apart(one.number, other.number) * frameMs;
    holeMs = Math.max(holeMs, Math.abs(other.mediaMs - one.mediaMs - saidMs));
    pauseMs = Math.max(pauseMs, other.atMs - one.atMs);
  }
  const stalls = marks('playback-stall').filter((at) => at >= fromMs).length;
  return { pictures: seen.length, holeMs, bufferHoleMs, pauseMs, waits, stalls };
}`;
