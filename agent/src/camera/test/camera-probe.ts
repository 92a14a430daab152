import type { CodedFrame, Damage, TrackDescription } from '@porchlight/media/frame';
import type { SenderReport, SourceEvents, SourceState } from '../index.ts';

/** Remembers what a source said, and lets a test wait for it. */
export type CameraProbe = SourceEvents & {
  readonly states: SourceState[];
  readonly frames: CodedFrame[];
  readonly tracks: (readonly TrackDescription[])[];
  readonly damages: Damage[];
  readonly senderReports: SenderReport[];
  /** Resolves when a state with this status (and reason) has come, counting from the start. */
  state(status: SourceState['status'], reason?: string): Promise<SourceState>;
  /** Resolves when so many frames have come. */
  frameCount(count: number): Promise<void>;
};

/** Opens a probe. */
export function openCameraProbe(): CameraProbe {
  const checks = new Set<() => void>();
  const until = <Value>(find: () => Value | undefined): Promise<Value> =>
    new Promise((resolve) => {
      const check = (): void => {
        const found = find();
        if (found === undefined) return;
        checks.delete(check);
        resolve(found);
      };
      checks.add(check);
      check();
    });
  const probe: CameraProbe = {
    states: [],
    frames: [],
    tracks: [],
    damages: [],
    senderReports: [],
    onTracks: (tracks) => note(probe.tracks, tracks),
    onFrame: (frame) => note(probe.frames, frame),
    onDamage: (damage) => note(probe.damages, damage),
    onSenderReport: (report) => note(probe.senderReports, report),
    onState: (state) => note(probe.states, state),
    state: (status, reason) =>
      until(() =>
        probe.states.find((state) => state.status === status && (reason === undefined || state.reason === reason)),
      ),
    frameCount: (count) =>
      until(() => (probe.frames.length >= count ? (true as const) : undefined)).then(() => undefined),
  };
  const note = <Value>(list: Value[], value: Value): void => {
    list.push(value);
    for (const check of [...checks]) check();
  };
  return probe;
}
