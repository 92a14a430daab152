/** Another program that does what the agent does. */
export type Peer = {
  readonly name: string;
  /** What it does in the run, in words. */
  readonly job: string;
  /** At most so many cameras, when each one is a process of its own. */
  readonly mostCameras?: number;
  /** Finds or builds the program. */
  prepare(): Promise<Prepared>;
  start(options: { readonly urls: readonly string[]; readonly folder: string }): Promise<RunningPeer>;
};

export type Prepared =
  | { readonly kind: 'ready'; readonly version: string }
  | { readonly kind: 'missing'; readonly command: string; readonly error: string };

export type RunningPeer = {
  pids(): readonly number[];
  /** Bytes that it has handed on, when it writes no files. */
  bytes?(): number;
  stop(): Promise<void>;
};
