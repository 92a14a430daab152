import type { CameraStatus } from '@porchlight/contract/camera';
import type { CodedFrame, Damage, TrackDescription } from '@porchlight/media/frame';

/** An RTCP sender report's pairing of camera wall time with media time. @see RFC 3550 6.4.1 */
export type SenderReport = {
  readonly track: number;
  /** The camera's clock, milliseconds since 1970; often wrong, but the same for all tracks of a camera. */
  readonly ntpMs: number;
  /** Media time in the same growing ticks as `ptsTicks`. */
  readonly rtpTicks: number;
};

/** How a source is. `reason` is a stable word, `message` what happened and `fix` what to do, in words; none holds a secret. */
export type SourceState = {
  readonly status: CameraStatus;
  readonly reason?: string;
  readonly message?: string;
  readonly fix?: string;
};

/** What a source tells its stream, synchronously and in order. `onTracks` precedes the frames it describes and repeats on every change. */
export type SourceEvents = {
  onTracks(tracks: readonly TrackDescription[]): void;
  /** `receivedMs` is monotonic. */
  onFrame(frame: CodedFrame, receivedMs: number): void;
  onDamage(damage: Damage): void;
  onSenderReport(report: SenderReport): void;
  onState(state: SourceState): void;
};

/** Counters since the source was opened. */
export type SourceStats = {
  readonly transport: 'tcp' | 'udp' | 'file';
  readonly packetsReceived: number;
  readonly packetsLost: number;
  readonly bytesReceived: number;
  readonly reconnects: number;
};

/** A camera or file that is kept connected for ever, until closed. */
export type Source = {
  stats(): SourceStats;
  close(): Promise<void>;
};
