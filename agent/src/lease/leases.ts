import { randomUUID } from 'node:crypto';
import type { Clock } from '@porchlight/base/clock';
import type { StreamName } from '@porchlight/contract/camera';
import type { CameraId } from '@porchlight/contract/ids';

/** What a viewer holds while it is served. `sid` is the session it ends with. */
export type Lease = {
  readonly id: string;
  readonly kind: 'mse' | 'whep';
  readonly camera: CameraId;
  readonly stream: StreamName;
  readonly sid: string;
  readonly openedMs: number;
};

/** Why a lease ended. */
export type LeaseEnd = 'closed-by-viewer' | 'session-ended' | 'viewer-gone' | 'never-connected' | 'failed' | 'shutdown';

/** Most viewers served at once. */
export type ViewerCaps = { readonly perCamera: number; readonly perProcess: number };

/** Everything that is live now, and the only way to end it. */
export type Leases = {
  /** Undefined when a cap is reached. `onEnd` is called once, whoever ends the lease. */
  open(what: Omit<Lease, 'id' | 'openedMs'>, onEnd: (why: LeaseEnd, lease: Lease) => void): Lease | undefined;
  /** False when there is no such lease (any more). `sid` given: only if it is that session's. */
  end(id: string, why: LeaseEnd, sid?: string): boolean;
  /** Ends all leases of these sessions; how many there were. */
  endSessions(sids: readonly string[]): number;
  endAll(why: LeaseEnd): void;
  has(id: string): boolean;
  list(): readonly Lease[];
};

/** Opens an empty register. */
export function openLeases({ caps, clock }: { caps: ViewerCaps; clock: Clock }): Leases {
  const held = new Map<string, { lease: Lease; onEnd: (why: LeaseEnd, lease: Lease) => void }>();

  const end: Leases['end'] = (id, why, sid) => {
    const entry = held.get(id);
    if (!entry || (sid !== undefined && entry.lease.sid !== sid)) return false;
    held.delete(id);
    entry.onEnd(why, entry.lease);
    return true;
  };
  return {
    open(what, onEnd) {
      if (held.size >= caps.perProcess) return undefined;
      let onCamera = 0;
      for (const { lease } of held.values()) if (lease.camera === what.camera) onCamera++;
      if (onCamera >= caps.perCamera) return undefined;
      const lease: Lease = { ...what, id: randomUUID(), openedMs: clock.nowMs() };
      held.set(lease.id, { lease, onEnd });
      return lease;
    },
    end,
    endSessions(sids) {
      const ended = new Set(sids);
      const ids = [...held.values()].filter(({ lease }) => ended.has(lease.sid)).map(({ lease }) => lease.id);
      return ids.filter((id) => end(id, 'session-ended')).length;
    },
    endAll(why) {
      for (const id of [...held.keys()]) end(id, why);
    },
    has: (id) => held.has(id),
    list: () => [...held.values()].map(({ lease }) => lease),
  };
}
