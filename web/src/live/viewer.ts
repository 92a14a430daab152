import type { StreamStatus } from '@porchlight/contract/camera';
import { readAbility } from './ability.ts';
import {
  findBetter,
  onFailure,
  onPicture,
  openLadder,
  planRungs,
  toReasons,
  toRung,
  type Ladder,
  type Path,
  type Rung,
  type Skipped,
} from './ladder.ts';
import { openShowing, type Showing } from './showing.ts';

/** What of the camera decides how it is shown. */
export type ViewerFacts = {
  readonly streams: readonly StreamStatus[];
  readonly hasSub: boolean;
  readonly tile: boolean;
  /** The viewer wants to hear. */
  readonly sound: boolean;
  /** The only path to take, when one is asked for. */
  readonly only?: Path | undefined;
};

/** What a viewer shows now. */
export type LiveState = {
  readonly rung: Rung;
  readonly phase: 'connecting' | 'live' | 'retrying';
  readonly reasons: readonly Skipped[];
};

export type Viewer = {
  update(facts: ViewerFacts): void;
  /** The element with pictures, for snapshots and full screen. */
  picture(): HTMLElement | undefined;
  stats(): ReturnType<Showing['stats']> | undefined;
  close(): void;
};

const tickMs = 1000;
const againMs = 3000;

/** Shows one camera inside `host` by the best way there is, steps down on trouble and climbs back by itself. */
export function openViewer(options: {
  readonly host: HTMLElement;
  readonly camera: string;
  readonly facts: ViewerFacts;
  readonly onState: (state: LiveState) => void;
}): Viewer {
  const viewer = new LiveViewer(options);
  viewer.update(options.facts);
  return viewer;
}

class LiveViewer implements Viewer {
  readonly #options: Parameters<typeof openViewer>[0];
  #facts: ViewerFacts;
  #planText = '';
  #ladder: Ladder = openLadder({ rungs: [], skipped: [] });
  #current: Showing | undefined;
  #candidate: Showing | undefined;
  #frozen: Showing | undefined;
  #nextTryMs = 0;
  #lost = false;
  readonly #ticking = setInterval(() => this.#tick(), tickMs);
  readonly #leaving = new AbortController();

  constructor(options: Parameters<typeof openViewer>[0]) {
    this.#options = options;
    this.#facts = options.facts;
    const onVisible = () => {
      if (document.hidden) return;
      this.#current?.excuse(performance.now());
      this.#current?.goLive();
    };
    document.addEventListener('visibilitychange', onVisible, { signal: this.#leaving.signal });
  }

  update(facts: ViewerFacts): void {
    this.#facts = facts;
    if (this.#current) this.#current.video.muted = !facts.sound;
    const plan = planRungs({ ...facts, ability: readAbility() });
    const text = JSON.stringify([plan, this.#hears(plan.rungs[0])]);
    if (text === this.#planText) return;
    this.#planText = text;
    this.#ladder = openLadder(plan);
    this.#candidate?.close();
    this.#candidate = undefined;
    this.#try(toRung(this.#ladder));
  }

  /** Whether to ask for sound: on the page where there is some; AAC over WebRTC is silent. */
  #hears(rung = toRung(this.#ladder)): boolean {
    const audio = this.#facts.streams.find(({ name }) => name === rung.stream)?.audioCodec;
    if (this.#facts.tile || audio === undefined) return false;
    return rung.path !== 'webrtc' || audio !== 'aac';
  }

  #try(rung: Rung): void {
    this.#candidate = openShowing({
      camera: this.#options.camera,
      rung,
      sound: this.#hears(rung),
      muted: !this.#facts.sound,
      onFirst: (showing) => this.#onFirst(showing),
      onFailure: (showing, reason) => this.#onFailure(showing, reason),
    });
    const { element } = this.#candidate;
    element.dataset['candidate'] = 'true';
    this.#options.host.append(element);
    this.#tell();
  }

  #onFirst(showing: Showing): void {
    if (showing !== this.#candidate) return;
    this.#candidate = undefined;
    this.#current?.close();
    this.#frozen?.close();
    this.#frozen = undefined;
    this.#current = showing;
    showing.video.muted = !this.#facts.sound;
    delete showing.element.dataset['candidate'];
    this.#lost = false;
    this.#ladder = onPicture(this.#ladder, showing.rung);
    this.#tell();
  }

  #onFailure(showing: Showing, reason: string): void {
    const nowMs = performance.now();
    this.#ladder = onFailure(this.#ladder, showing.rung, { reason, nowMs });
    if (showing === this.#candidate) {
      this.#candidate = undefined;
      showing.close();
    } else if (showing === this.#current) {
      // Its last picture stays until there is a newer one.
      this.#frozen = showing;
      this.#current = undefined;
      showing.video.pause();
    }
    const last = showing.rung.path === 'stills';
    if (last) this.#lost = true;
    this.#nextTryMs = nowMs + (last ? againMs : 0);
    if (!this.#current && !this.#candidate && !last) queueMicrotask(() => this.#tryNext(nowMs));
    this.#tell();
  }

  #tryNext(nowMs: number): void {
    if (this.#leaving.signal.aborted || this.#candidate) return;
    if (!this.#current) this.#try(findBetter(this.#ladder, nowMs) ?? toRung(this.#ladder));
    else {
      const better = findBetter(this.#ladder, nowMs);
      if (better) this.#try(better);
    }
  }

  #tick(): void {
    const nowMs = performance.now();
    if (document.hidden) {
      this.#current?.excuse(nowMs);
      this.#candidate?.excuse(nowMs);
      return;
    }
    this.#current?.watch(nowMs);
    this.#candidate?.watch(nowMs);
    if (nowMs >= this.#nextTryMs) this.#tryNext(nowMs);
  }

  #tell(): void {
    const rung = this.#current?.rung ?? this.#candidate?.rung ?? toRung(this.#ladder);
    const phase = this.#current ? 'live' : this.#lost ? 'retrying' : 'connecting';
    this.#options.onState({ rung, phase, reasons: toReasons(this.#ladder) });
  }

  picture(): HTMLElement | undefined {
    return (this.#current ?? this.#frozen)?.element;
  }

  stats() {
    return this.#current?.stats();
  }

  close(): void {
    this.#leaving.abort();
    clearInterval(this.#ticking);
    for (const showing of [this.#candidate, this.#current, this.#frozen]) showing?.close();
  }
}
