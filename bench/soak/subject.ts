/** One camera line under trouble, as the soak sees it. */
import type { CountingClock } from './leaks.ts';
import type { Fault } from '../../simulator/src/faults/index.ts';
import type { ArchiveEvent } from '../../agent/src/archive/index.ts';
import { openLine, type Line } from '../../agent/src/line/index.ts';
import type { Volume } from '../../agent/src/volume/index.ts';
import type { Log } from '../../base/src/log/index.ts';
import type { CameraId } from '../../contract/src/ids/index.ts';
import type { Unit } from './trouble.ts';

/** Fragments of a segment that is open until footage after a moment is certain: the first may hold pictures from before it. */
const certainFragments = 2;
const waitMs = 40_000;

export type SubjectOptions = {
  readonly name: string;
  readonly url: string;
  readonly transport: 'auto' | 'tcp' | 'udp';
  readonly stallMs: number;
  readonly clock: CountingClock;
  readonly log: Log;
  readonly volume: Volume;
  readonly setFault: (fault: Fault | undefined) => void;
};

/** How one round went; undefined figures: it was not to be, or never was. */
export type RoundResult = {
  readonly unit: Unit;
  /** Name and transport. */
  readonly camera: string;
  /** From the trouble's beginning to the first word of it. */
  readonly foundMs: number | undefined;
  /** From the trouble's end to footage of afterwards on disk. */
  readonly backMs: number | undefined;
};

/** A camera line that is recorded to a volume and tells when. */
export class Subject {
  readonly #options: SubjectOptions;
  readonly #line: Line;
  readonly #paths = new Map<string, string>();
  readonly #waiting = new Set<() => void>();
  #fragments = 0;
  /** Segments opened since footage was asked for: all they hold is of afterwards. */
  readonly #fresh = new Set<string>();
  #freshFragments = 0;
  #lastFragmentMs = 0;
  #troubles = 0;

  constructor(options: SubjectOptions) {
    const { name, url, transport, stallMs, clock, log, volume } = options;
    this.#options = options;
    this.#line = openLine(
      { id: name as CameraId, sourceKind: 'rtsp', url, transport, paused: false },
      {
        ...{ clock, log, volume, demoFolder: '', times: { mediaMs: stallMs } },
        emit: (event) => this.#onEvent(event),
        onChange: () => this.#onChange(),
      },
    );
  }

  /** Resolves when footage of after this moment is on disk and the camera counts as online. */
  async recording(): Promise<number | undefined> {
    const before = this.#fragments;
    this.#fresh.clear();
    this.#freshFragments = 0;
    const isBack = (): boolean =>
      (this.#freshFragments > 0 || this.#fragments >= before + certainFragments) &&
      this.#line.report().state.status === 'online';
    return (await this.#until(isBack)) ? this.#lastFragmentMs : undefined;
  }

  /** One round: trouble, found or borne, then well again. */
  async run(unit: Unit, holdMs: number): Promise<RoundResult> {
    const { clock, setFault } = this.#options;
    const troubles = this.#troubles;
    const beganMs = clock.monotonicMs();
    setFault(unit.fault);
    let foundMs: number | undefined;
    if (unit.outcome === 'silent' || unit.outcome === 'broken') {
      if (await this.#until(() => this.#troubles > troubles)) foundMs = clock.monotonicMs() - beganMs;
    }
    await clock.sleep(holdMs);
    const wellMs = clock.monotonicMs();
    setFault(undefined);
    const recordedMs = await this.recording();
    const camera = `${this.#options.name} ${this.#options.transport}`;
    return { unit, camera, foundMs, backMs: recordedMs === undefined ? undefined : recordedMs - wellMs };
  }

  get reconnects(): number {
    return this.#line.report().reconnects;
  }

  close(): Promise<void> {
    return this.#line.close();
  }

  async #until(isSo: () => boolean): Promise<boolean> {
    if (isSo()) return true;
    const { clock } = this.#options;
    return new Promise((resolve) => {
      const end = (value: boolean): void => {
        timer.cancel();
        this.#waiting.delete(look);
        resolve(value);
      };
      const look = (): void => {
        if (isSo()) end(true);
      };
      const timer = clock.after(waitMs, () => end(false));
      this.#waiting.add(look);
    });
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }

  #onChange(): void {
    const { status } = this.#line.report().state;
    if (status === 'offline' || status === 'error') this.#troubles++;
    this.#wake();
  }

  /** Footage goes as soon as its segment is complete: the soak is about coming back, not about keeping. */
  #onEvent(event: ArchiveEvent): void {
    if (event.kind === 'segment-opened') {
      this.#paths.set(event.segment, event.path);
      this.#fresh.add(event.segment);
    } else if (event.kind === 'segment-dropped') this.#paths.delete(event.segment);
    else if (event.kind === 'segment-closed') {
      const path = this.#paths.get(event.segment);
      this.#paths.delete(event.segment);
      if (path !== undefined) void this.#options.volume.remove(path).catch(() => undefined);
    } else if (event.kind === 'fragment') {
      this.#fragments++;
      if (this.#fresh.has(event.segment)) this.#freshFragments++;
      this.#lastFragmentMs = this.#options.clock.monotonicMs();
      this.#wake();
    }
  }
}
