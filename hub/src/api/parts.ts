import type { Context } from 'hono';
import type { Clock } from '@porchlight/base/clock';
import type { Log } from '@porchlight/base/log';
import type { CallOf, EndpointName } from '@porchlight/contract/endpoints';
import type { CameraId } from '@porchlight/contract/ids';
import type { MediaAction } from '@porchlight/contract/media-grant';
import type { Caller } from '#access';
import type { Alarms } from '#alarms';
import type { Identity } from '#identity';
import type { Commands } from '#link';
import type { Roster } from '#roster';
import type { Storage } from '#storage';
import type { CameraRow, Store } from '#store';
import type { Witness } from '#witness';
import type { HostPolicy } from './host-policy.ts';

/** A request for something an agent answers, already allowed. */
export type AgentVisit = {
  readonly context: Context;
  readonly caller: { readonly userId: string; readonly sessionId: string };
  readonly camera: CameraRow;
  /** For an endpoint that names no camera: all that the caller may do this with. */
  readonly cameras?: 'all' | readonly CameraId[];
  readonly action: MediaAction;
};

/** What the API stands on. All of it is given, so that the same app runs in a process and on Lambda. */
export type ApiParts = {
  readonly store: Store;
  readonly identity: Identity;
  readonly roster: Roster;
  readonly commands: Commands;
  readonly witness: Pick<Witness, 'state'>;
  readonly alarms: Alarms;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly log: Log;
  readonly hosts: HostPolicy;
  /** How long a request waits for an agent without being asked to; 0 answers 202 at once. */
  readonly answerWaitMs: number;
  /** Tokens for programs on this machine: the owner's, and the metrics reader's. */
  readonly tokens: { readonly owner?: string; readonly metrics?: string };
  /** Answers an `at: 'agent'` route. */
  visitAgent(visit: AgentVisit): Promise<Response>;
  /** Answers `/api/changes` for a session. */
  openChanges(context: Context, caller: { readonly sessionId: string }): Promise<Response>;
  /** A session has ended: what it opened must stop. */
  onSessionEnd(sessionId: string): Promise<void>;
  metrics(): Promise<string>;
  /** Network address of whoever asks, for counting attempts. */
  addressOf(context: Context): string;
  /** Answers what no endpoint does; page files where there are any. */
  page?(context: Context): Promise<Response | undefined>;
};

/** One parsed call. */
export type Call<Name extends EndpointName> = CallOf<Name> & {
  readonly context: Context;
  readonly caller: Caller;
};
