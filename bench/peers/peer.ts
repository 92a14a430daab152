/** Another program that does what the agent does. */
export type Peer = {
  readonly name: string;
  /** What it does in the run, in words. */
  readonly job: string;
  /** Each camera is a process of its own: so many are enough to know what one costs. */
  readonly mostCameras?: number;
  /** Finds or builds the program. */
  prepare(): Promise<Prepared>;
  start(options: StartOptions): Promise<RunningPeer>;
};

export type StartOptions = {
  /** What `prepare` has found. */
  readonly program: string;
  readonly urls: readonly string[];
  /** There already; recordings go into it. */
  readonly folder: string;
};

export type Prepared = { readonly kind: 'ready'; readonly program: string; readonly version: string } | NotMeasured;

/** What was tried, and what it said. */
export type NotMeasured = { readonly kind: 'not-measured'; readonly command: string; readonly error: string };

export type RunningPeer = {
  pids(): readonly number[];
  /** Bytes that it has handed on, when it writes no files. */
  bytes?(): number;
  stop(): Promise<void>;
};
