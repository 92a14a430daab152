/**
 * Which way to show a camera: the rungs that make sense, which one to stand on, when to step down and when to try up again.
 * Pure: time and what the browser can come in, the next rung goes out.
 */
import type { StreamName, StreamStatus } from '@porchlight/contract/camera';

export type Path = 'webrtc' | 'mse' | 'hls' | 'stills';
const paths: readonly Path[] = ['webrtc', 'mse', 'hls', 'stills'];
/** The path that a word names, as `?live=mse` in the page's address does. */
export const findPath = (word: string | null): Path | undefined => paths.find((path) => path === word);
export type Rung = { readonly path: Path; readonly stream: StreamName };

/** What this browser can. */
export type Ability = {
  readonly webrtc: boolean;
  /** H.265 is among what `RTCRtpReceiver.getCapabilities` lists. */
  readonly webrtcH265: boolean;
  /** MediaSource or ManagedMediaSource takes this RFC 6381 codec string. */
  readonly plays: (codecString: string) => boolean;
  readonly hls: boolean;
};

type StreamFacts = Pick<StreamStatus, 'name' | 'codec' | 'codecString' | 'bFrames' | 'audioCodec'>;

/** A rung that is not worth trying now, with a stable word. */
export type Skipped = { readonly rung: Rung; readonly reason: string };
export type Plan = { readonly rungs: readonly Rung[]; readonly skipped: readonly Skipped[] };

const toKey = (rung: Rung): string => `${rung.path}/${rung.stream}`;

function whyNot(path: Path, facts: StreamFacts | undefined, sound: boolean, ability: Ability): string | undefined {
  if (path === 'stills') return undefined;
  if (path === 'webrtc') {
    if (!ability.webrtc) return 'no-api';
    if (facts?.codec === 'h265' && !ability.webrtcH265) return 'h265-not-offered';
    if (facts?.bFrames) return 'b-frames';
    if (sound && facts?.audioCodec === 'aac') return 'aac-needs-mse';
    return undefined;
  }
  if (path === 'hls' && !ability.hls) return 'no-api';
  return facts && !ability.plays(facts.codecString) ? 'codec-unsupported' : undefined;
}

/**
 * The rungs from best to last. A page takes the main stream first and WebRTC before MSE; a tile takes the small stream and
 * MSE, which costs the house a tenth. Stills are always last.
 */
export function planRungs(options: {
  readonly streams: readonly StreamFacts[];
  readonly hasSub: boolean;
  readonly tile: boolean;
  readonly sound: boolean;
  readonly ability: Ability;
  /** Beside stills only this path: asked for in the page's address, to compare paths and to find trouble. */
  readonly only?: Path | undefined;
}): Plan {
  const { streams, hasSub, tile, sound, ability, only } = options;
  const names: StreamName[] = hasSub ? (tile ? ['sub', 'main'] : ['main', 'sub']) : ['main'];
  const all: Path[] = tile ? ['mse', 'webrtc', 'hls'] : ['webrtc', 'mse', 'hls'];
  const wantedPaths = only === undefined ? all : all.filter((path) => path === only);
  const wanted: Rung[] = names.flatMap((stream) => wantedPaths.map((path) => ({ path, stream })));
  wanted.push({ path: 'stills', stream: names[0] ?? 'main' });
  const rungs: Rung[] = [];
  const skipped: Skipped[] = [];
  for (const rung of wanted) {
    const reason = whyNot(
      rung.path,
      streams.find(({ name }) => name === rung.stream),
      sound,
      ability,
    );
    if (reason === undefined) rungs.push(rung);
    else skipped.push({ rung, reason });
  }
  return { rungs, skipped };
}

type Trouble = { readonly reason: string; readonly tries: number; readonly retryMs: number };

/** Where a viewer stands. Immutable: each event gives the next. */
export type Ladder = {
  readonly plan: Plan;
  readonly at: number;
  readonly troubles: Readonly<Record<string, Trouble>>;
};

const firstRetryMs = 15_000;
const mostRetryMs = 300_000;
/** These do not mend by waiting a little. */
const lasting = new Set([
  'h265-not-offered',
  'b-frames',
  'codec-unsupported',
  'no-api',
  'aac-needs-mse',
  'h264-not-offered',
  'no-address',
  'no-stream',
]);

export const openLadder = (plan: Plan): Ladder => ({ plan, at: 0, troubles: {} });

export const toRung = (ladder: Ladder): Rung => ladder.plan.rungs[ladder.at] ?? { path: 'stills', stream: 'main' };

/** The rung failed (or one that was being tried above): note it; step down when it is the one stood on. */
export function onFailure(ladder: Ladder, rung: Rung, failure: { reason: string; nowMs: number }): Ladder {
  const tries = (ladder.troubles[toKey(rung)]?.tries ?? 0) + 1;
  const waitMs = lasting.has(failure.reason) ? mostRetryMs : Math.min(mostRetryMs, firstRetryMs * 2 ** (tries - 1));
  const troubles = {
    ...ladder.troubles,
    [toKey(rung)]: { reason: failure.reason, tries, retryMs: failure.nowMs + waitMs },
  };
  if (toKey(rung) !== toKey(toRung(ladder))) return { ...ladder, troubles };
  const open = ladder.plan.rungs.findIndex(
    (other, index) => index > ladder.at && (troubles[toKey(other)]?.retryMs ?? 0) <= failure.nowMs,
  );
  return { ...ladder, troubles, at: open === -1 ? ladder.plan.rungs.length - 1 : open };
}

/** The best rung above that is due for another try, while the one below keeps showing pictures. */
export function findBetter(ladder: Ladder, nowMs: number): Rung | undefined {
  return ladder.plan.rungs.find(
    (rung, index) => index < ladder.at && (ladder.troubles[toKey(rung)]?.retryMs ?? 0) <= nowMs,
  );
}

/** The rung shows pictures: stand on it, and forget what was wrong with it. */
export function onPicture(ladder: Ladder, rung: Rung): Ladder {
  const at = ladder.plan.rungs.findIndex((other) => toKey(other) === toKey(rung));
  if (at === -1) return ladder;
  const { [toKey(rung)]: _mended, ...troubles } = ladder.troubles;
  return { ...ladder, at, troubles };
}

/** Everything better than where one stands, with the reason, best first: what the chip says. */
export function toReasons(ladder: Ladder): Skipped[] {
  const standing = toRung(ladder);
  const tried = ladder.plan.rungs.slice(0, ladder.at).flatMap((rung) => {
    const trouble = ladder.troubles[toKey(rung)];
    return trouble ? [{ rung, reason: trouble.reason }] : [];
  });
  const skipped = ladder.plan.skipped.filter(
    ({ rung }) => rung.stream === 'main' || standing.stream === 'sub' || standing.path === 'stills',
  );
  return [...skipped, ...tried];
}
