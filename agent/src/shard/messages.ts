import type { ArchiveEvent, RecordedStretch } from '#archive';
import type { LineConfig, LineReport } from '#line';
import type { WhepAnswer, WhepRequest } from '#live';
import type { SourceConfig } from '#source';
import type { RecordingTarget } from '#storage';
import type { WriteFigures } from '#vitals';
import type { LogLevel } from '@porchlight/base/log';
import type { SourceTest, StreamName } from '@porchlight/contract/camera';
import type { ApiError } from '@porchlight/contract/errors';
import type { Trigger, Triggered } from '@porchlight/contract/events';
import type { CameraId } from '@porchlight/contract/ids';

/** What a shard is started with. */
export type ShardSetup = {
  readonly index: number;
  /** Where recorders write. */
  readonly target: RecordingTarget;
  readonly demoFolder: string;
  /** The shard's own local socket, for live viewers. */
  readonly socketPath: string;
  readonly level: LogLevel;
  /** Changed with every message to the shard, so that it does not sleep over one. 4 bytes. */
  readonly wake: SharedArrayBuffer;
  /** Where certificates of TLS cameras are remembered. */
  readonly pinsFolder?: string;
  /** Milliseconds without video after which a camera counts as stalled. */
  readonly stallMs?: number;
};

/** One picture as it can be decoded alone. */
export type KeyFrame = {
  readonly codec: 'h264' | 'h265';
  readonly widthPx: number;
  readonly heightPx: number;
  readonly wallMs: number;
  /** Annex B byte stream: parameter sets, then the picture. */
  readonly byteStream: Uint8Array;
};

/** Questions to a shard and their answers; all plain data. */
export type ShardQuestions = {
  'key-frame': { ask: { readonly camera: CameraId; readonly stream: StreamName }; answer: KeyFrame | undefined };
  'test-source': { ask: { readonly sources: readonly SourceConfig[] }; answer: SourceTest };
  'open-whep': {
    ask: WhepRequest & { readonly offer: string };
    answer: WhepAnswer;
  };
  'close-lease': { ask: { readonly lease: string; readonly sid: string }; answer: boolean };
  /** Answers once the camera's line, which this shard is to have no more, has written its last. */
  'line-closed': { ask: { readonly camera: CameraId }; answer: boolean };
  trigger: { ask: { readonly camera: CameraId; readonly trigger: Trigger }; answer: Triggered };
  'end-trigger': { ask: { readonly camera: CameraId; readonly event: string }; answer: Triggered };
  'close-sessions': { ask: { readonly sids: readonly string[] }; answer: number };
};
export type ShardVerb = keyof ShardQuestions;

/** Main thread → shard. */
export type ToShard =
  /** The cameras that this shard has from now on, and the wall times that footage has of those that are new to it. */
  | {
      readonly kind: 'apply';
      readonly cameras: readonly LineConfig[];
      readonly recorded: readonly RecordedStretch[];
    }
  | {
      readonly kind: 'ask';
      readonly id: number;
      readonly verb: ShardVerb;
      readonly args: ShardQuestions[ShardVerb]['ask'];
    }
  /** Where recorders write from now on; open files end where they are. */
  | { readonly kind: 'target'; readonly target: RecordingTarget }
  /** Finish what is open, say `closed`, end. */
  | { readonly kind: 'close' };

/** Shard → main thread. */
export type FromShard =
  | { readonly kind: 'ready' }
  /** In the order in which they happened. */
  | { readonly kind: 'events'; readonly events: readonly ArchiveEvent[] }
  /** Every camera of the shard; also its sign of life. */
  | {
      readonly kind: 'reports';
      readonly reports: readonly LineReport[];
      readonly viewers: number;
      readonly writes: WriteFigures;
    }
  | { readonly kind: 'answer'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly error: ApiError }
  | { readonly kind: 'closed' };
