import type { ArchiveEvent } from '#archive';
import type { Volume } from '#volume';
import { openRecorder } from '#recorder';
import { openSource, toSecurePlace, type Credentials, type Source, type SourceDeps, type SourceStats } from '#source';
import { openStream, type RecordedTimes, type Stream } from '#stream';
import { openCameraRecording, type CameraRecording, type StreamGate } from '#trigger';
import type { Clock } from '@porchlight/base/clock';
import { HouseError } from '@porchlight/base/errors';
import type { Log } from '@porchlight/base/log';
import type { CameraState, SourceKind, StreamName, StreamStatus, Transport } from '@porchlight/contract/camera';
import type { Trigger, Triggered } from '@porchlight/contract/events';
import type { CameraId } from '@porchlight/contract/ids';
import { defaultRecordingPlan, type RecordingPlan } from '@porchlight/contract/recording-plan';
import type { Damage } from '@porchlight/media/frame';

/** One camera as its line needs it: credentials opened, nothing else secret. Plain data. */
export type LineConfig = {
  readonly id: CameraId;
  readonly sourceKind: SourceKind;
  readonly url: string;
  readonly subUrl?: string;
  readonly transport: Transport;
  readonly credentials?: Credentials;
  /** Milliseconds without video after which the camera counts as stalled; absent: 8000. */
  readonly stallMs?: number;
  readonly paused: boolean;
  /** Absent: everything is kept. */
  readonly recording?: RecordingPlan;
};

/** What a line is opened with. */
export type LineDeps = SourceDeps & {
  readonly clock: Clock;
  readonly log: Log;
  /** Where footage goes. */
  readonly volume: Volume;
  /** The wall times that footage of a stream has already; absent: none. */
  readonly findRecorded?: (stream: StreamName) => RecordedTimes;
  /** Told what the recorders did; must not throw. */
  readonly emit: (event: ArchiveEvent) => void;
  /** The camera's state has changed. */
  readonly onChange: () => void;
};

/** How one stream of a camera is, with its counters since the line was opened. Plain data. */
export type SourceReport = Omit<SourceStats, 'transport'> & {
  readonly name: StreamName;
  readonly status: CameraState['status'];
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly fix?: string | undefined;
  readonly framesReceived: number;
  readonly damage: Readonly<Record<Damage['reason'], number>>;
  readonly lastKeyMs?: number | undefined;
  /** The camera's clock minus ours, from its sender reports; undefined while it says nothing of use. */
  readonly clockOffMs?: number | undefined;
};

/** How a line is now. Plain data. */
export type LineReport = {
  readonly id: CameraId;
  readonly state: CameraState;
  readonly streams: readonly StreamStatus[];
  readonly bytesReceived: number;
  readonly reconnects: number;
  readonly damage: Readonly<Record<Damage['reason'], number>>;
  readonly sources: readonly SourceReport[];
};

/** One camera's whole line: its streams, each with source and recorder. */
export type Line = {
  readonly config: LineConfig;
  findStream(name: StreamName): Stream | undefined;
  report(): LineReport;
  /** Another plan from now on; the camera stays connected. */
  setPlan(plan: RecordingPlan | undefined): void;
  /** The door for whatever triggers events: the API, the camera itself, detectors. Throws `HouseError`. */
  trigger(trigger: Trigger): Triggered;
  /** A lasting trigger is over. Throws `HouseError` not-found. */
  endTrigger(event: string): Triggered;
  /** Ends the sources, finishes what is being written, lets readers go. */
  close(): Promise<void>;
};

/** Opens a line; unless paused it starts at once. */
export function openLine(config: LineConfig, deps: LineDeps): Line {
  return new CameraLine(config, deps);
}

type Branch = {
  readonly name: StreamName;
  readonly stream: Stream;
  readonly gate: StreamGate;
  readonly unsubscribe: () => void;
  source: Source | undefined;
  /** Segments of this stream that are being written now. */
  readonly open: Set<string>;
  clockOffMs: number | undefined;
};

/** A disk may be behind by so much; in event mode a whole ring is handed over at once on top of it. */
const maxPendingBytes = { continuous: 16 << 20, off: 16 << 20, events: 32 << 20 };
/** Clocks from before are counted from the camera's start or were never set: no use (RFC 3550 6.4.1 allows both). */
const oldestClockMs = Date.UTC(2005, 0, 1);
const noStats: SourceStats = { transport: 'tcp', packetsReceived: 0, packetsLost: 0, bytesReceived: 0, reconnects: 0 };

class CameraLine implements Line {
  config: LineConfig;
  readonly #deps: LineDeps;
  readonly #recording: CameraRecording;
  readonly #branches: readonly Branch[];
  #state: CameraState;

  constructor(config: LineConfig, deps: LineDeps) {
    this.config = config;
    this.#deps = deps;
    this.#state = { status: config.paused ? 'paused' : 'starting', sinceMs: deps.clock.nowMs() };
    this.#recording = openCameraRecording({
      camera: config.id,
      plan: config.recording ?? defaultRecordingPlan,
      clock: deps.clock,
      emit: deps.emit,
    });
    this.#branches = toStreams(config).map(({ name, url }) => this.#openBranch(name, url));
  }

  findStream(name: StreamName): Stream | undefined {
    return this.#branches.find((branch) => branch.name === name)?.stream;
  }

  report(): LineReport {
    const damage = { 'packets-lost': 0, malformed: 0, 'timestamp-jump': 0, oversized: 0, 'missing-parameter-sets': 0 };
    let bytesReceived = 0;
    let reconnects = 0;
    const streams: StreamStatus[] = [];
    const sources: SourceReport[] = [];
    for (const { name, stream, source, open, clockOffMs } of this.#branches) {
      const status = stream.status();
      if (status) streams.push({ ...status, recording: open.size > 0, mode: this.#recording.modes[name] });
      for (const [reason, count] of Object.entries(stream.damage)) damage[reason as Damage['reason']] += count;
      const stats = source?.stats() ?? noStats;
      bytesReceived += stats.bytesReceived;
      reconnects += stats.reconnects;
      sources.push(toSourceReport(stream, stats, { name, status, clockOffMs }));
    }
    return { id: this.config.id, state: this.#state, streams, bytesReceived, reconnects, damage, sources };
  }

  setPlan(plan: RecordingPlan | undefined): void {
    const { recording: _before, ...rest } = this.config;
    this.config = plan === undefined ? rest : { ...rest, recording: plan };
    this.#recording.setPlan(plan ?? defaultRecordingPlan);
    this.#deps.onChange();
  }

  trigger(trigger: Trigger): Triggered {
    if (this.config.paused)
      throw new HouseError('conflict', 'The camera is paused: nothing is recorded', { fix: 'Resume it first.' });
    return this.#recording.trigger(trigger);
  }

  endTrigger(event: string): Triggered {
    return this.#recording.end(event);
  }

  async close(): Promise<void> {
    this.#recording.close();
    await Promise.all(this.#branches.map(async ({ source }) => source?.close()));
    await Promise.all(
      this.#branches.map(async ({ gate, unsubscribe, stream }) => {
        unsubscribe();
        await gate.close();
        stream.close(this.config.paused ? 'paused-by' : 'agent-down');
      }),
    );
  }

  #openBranch(name: StreamName, url: string): Branch {
    const { config } = this;
    const { clock, volume } = this.#deps;
    const log = this.#deps.log.child({ camera: config.id, stream: name });
    const open = new Set<string>();
    const emit = (event: ArchiveEvent): void => {
      if (event.kind === 'segment-opened') open.add(event.segment);
      else if (event.kind === 'segment-closed') open.delete(event.segment);
      this.#deps.emit(event);
    };
    const recorded = this.#deps.findRecorded?.(name);
    const stream = openStream({
      ...{ name, clock, log, sourceStats: () => branch.source?.stats() ?? noStats },
      ...(recorded === undefined ? {} : { recorded }),
    });
    const recording = this.#recording;
    const recorder = openRecorder({
      ...{ camera: config.id, stream: name, volume, clock, log, emit },
      onWritten: stream.noteWritten.bind(stream),
      get maxPendingBytes() {
        return maxPendingBytes[recording.modes[name]];
      },
    });
    const gate = recording.openGate(name, recorder);
    const unsubscribe = stream.subscribe(gate, { fromKeyFrame: 'next', holds: true });
    const branch: Branch = { name, stream, gate, unsubscribe, source: undefined, open, clockOffMs: undefined };
    if (config.paused) {
      stream.onState({ status: 'paused' });
      this.#forgetCertificate(url);
    } else branch.source = this.#openSource(branch, url, log);
    return branch;
  }

  #openSource(branch: Branch, url: string, log: Log): Source {
    const { sourceKind: kind, transport, credentials } = this.config;
    const { name, stream } = branch;
    const events = {
      onTracks: stream.onTracks.bind(stream),
      onFrame: stream.onFrame.bind(stream),
      onDamage: stream.onDamage.bind(stream),
      onSenderReport: (report: Parameters<Stream['onSenderReport']>[0]): void => {
        const useful = report.ntpMs >= oldestClockMs;
        branch.clockOffMs = useful ? Math.round(report.ntpMs - this.#deps.clock.nowMs()) : undefined;
        stream.onSenderReport(report);
      },
      onState: (state: Parameters<Stream['onState']>[0]): void => {
        stream.onState(state);
        if (name === 'main') this.#onState(state);
      },
    };
    return openSource(
      { kind, url, stream: name, transport, ...(credentials ? { credentials } : {}) },
      { ...this.#deps, log, ...toTimes(this.config, this.#deps) },
      events,
    );
  }

  /** Who pauses a camera and starts it again takes its certificate anew. */
  #forgetCertificate(url: string): void {
    const place = toSecurePlace(url);
    if (place !== undefined) this.#deps.pins?.forget(place);
  }

  /** The camera is as its main stream is. */
  #onState({ status, reason, message, fix }: Parameters<Stream['onState']>[0]): void {
    const before = this.#state;
    const same = before.status === status && before.reason === reason;
    this.#state = {
      status,
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined ? {} : { message: fix ? `${message} ${fix}` : message }),
      sinceMs: same ? before.sinceMs : this.#deps.clock.nowMs(),
    };
    if (!same) this.#deps.onChange();
  }
}

type StreamFacts = Pick<Branch, 'name' | 'clockOffMs'> & { readonly status: StreamStatus | undefined };

function toSourceReport(
  { state, damage }: Stream,
  { transport: _transport, ...stats }: SourceStats,
  { name, status, clockOffMs }: StreamFacts,
): SourceReport {
  const { framesReceived = 0, lastKeyMs } = status ?? {};
  return { name, ...state, ...stats, framesReceived, damage: { ...damage }, lastKeyMs, clockOffMs };
}

function toTimes({ stallMs }: LineConfig, { times }: LineDeps): Pick<SourceDeps, 'times'> {
  return stallMs === undefined ? {} : { times: { ...times, mediaMs: stallMs } };
}

/** A camera has a sub stream when its address is given. */
function toStreams({ url, subUrl }: LineConfig): { name: StreamName; url: string }[] {
  const main = { name: 'main' as const, url };
  return subUrl === undefined ? [main] : [main, { name: 'sub', url: subUrl }];
}
