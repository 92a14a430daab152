import type { Clock } from '@porchlight/base/clock';
import type { IceSettings } from '@porchlight/base/config';
import type { Log } from '@porchlight/base/log';
import { type FindStream, type Lease, openLeases, type ViewerCaps } from '#lease';
import { type MseSessionStats, openMseServer } from '#mse';
import { warmUp } from '#webrtc';
import { openWhepServer, type WhepAnswer, type WhepRequest, type WhepViewerStats } from '#whep';

/** What a shard's live server is opened with. */
export type LiveServerOptions = {
  /** Where MSE WebSockets arrive: a Unix socket's path, or a named pipe on Windows. */
  readonly socketPath: string;
  readonly findStream: FindStream;
  readonly clock: Clock;
  readonly log: Log;
  /** How WebRTC viewers reach this box. Default: its own IPv4 addresses, any port. */
  readonly ice?: IceSettings;
  /** Makes one handshake with itself a few seconds after the start, so that the first viewer does not wait for it. */
  readonly warmUp?: boolean;
  /** Default: 50 per camera, 200 per process. */
  readonly caps?: ViewerCaps;
};

/** Counters for metrics. */
export type LiveStats = {
  readonly leases: readonly Lease[];
  readonly mse: Readonly<MseSessionStats>;
  readonly whep: WhepViewerStats;
};

/** Live view of the cameras of one shard. */
export type LiveServer = {
  /** Answers a WHEP offer: 201 with the SDP answer, or a refusal. The viewer is served until its lease ends. */
  whep(offer: string, request: WhepRequest): Promise<WhepAnswer>;
  /** False when there is no such lease of this session. */
  closeLease(id: string, sid: string): boolean;
  /** Ends everything these sessions hold, at once; how much that was. */
  closeSessions(sids: readonly string[]): number;
  stats(): LiveStats;
  close(): Promise<void>;
};

const warmUpAfterMs = 5000;
const defaultCaps: ViewerCaps = { perCamera: 50, perProcess: 200 };

/** Opens live view for a shard. Throws `HouseError` when the socket cannot be opened. */
export async function openLiveServer(options: LiveServerOptions): Promise<LiveServer> {
  const { clock, log, findStream, socketPath } = options;
  const leases = openLeases({ caps: options.caps ?? defaultCaps, clock });
  const mse = await openMseServer({ socketPath, findStream, leases, clock, log });
  const warming = options.warmUp ? clock.after(warmUpAfterMs, () => void warmUp(clock)) : undefined;
  const whep = openWhepServer({ findStream, leases, ice: options.ice ?? {}, clock, log });
  return {
    whep: (offer, request) => whep.answer(offer, request),
    closeLease: (id, sid) => leases.end(id, 'closed-by-viewer', sid),
    closeSessions: (sids) => leases.endSessions(sids),
    stats: () => ({ leases: leases.list(), mse: mse.stats(), whep: whep.stats() }),
    async close() {
      warming?.cancel();
      leases.endAll('shutdown');
      await Promise.all([mse.close(), whep.close()]);
    },
  };
}
