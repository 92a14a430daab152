import { readFileSync } from 'node:fs';
import os from 'node:os';
import type { IndexStore } from '#index-store';
import type { Log } from '@porchlight/base/log';

/** How often the index is told that the agent lives. */
export const aliveMs = 5_000;

/** Footage may end a little after the time it was written at. */
const mostSlackMs = 2_000;

export type Ended = { readonly aliveMs: number; readonly reason: 'agent-down' | 'power' };

/** How the agent ended the last time: a power cut leaves no clean end and another boot. */
export function noteStart(store: IndexStore, bootId: string): Ended | undefined {
  const alive = store.findFact('alive-ms');
  const clean = store.findFact('clean-end') === 'yes';
  const sameBoot = store.findFact('boot-id') === bootId;
  store.setFact('boot-id', bootId);
  store.setFact('clean-end', 'no');
  return alive === undefined
    ? undefined
    : { aliveMs: Number(alive), reason: clean || sameBoot ? 'agent-down' : 'power' };
}

type Start = { readonly store: IndexStore; readonly log: Log; readonly nowMs: number };

/**
 * From the end of each stream's footage, or from when the agent was last alive if it had stopped before. Where the clock says that this is
 * still to come it was set back meanwhile: what follows is shifted, not missing, and nobody can tell for how long the agent was away.
 */
export function noteAbsence({ store, log, nowMs }: Start, ended: Ended | undefined): void {
  if (ended === undefined) return;
  let aheadMs = 0;
  for (const { camera, stream, endMs } of store.listEnds()) {
    const stoppedBefore = endMs < ended.aliveMs - 2 * aliveMs;
    const fromMs = stoppedBefore ? ended.aliveMs : endMs;
    const setBack = fromMs - nowMs > mostSlackMs;
    if (setBack) aheadMs = Math.max(aheadMs, fromMs - nowMs);
    store.insertGap(camera, stream, { fromMs, reason: setBack ? 'clock-set' : ended.reason });
  }
  if (aheadMs === 0) return;
  log.warn(
    'The clock was set back while the agent was away: what is recorded now follows what has these times already',
    {
      aheadMs: Math.round(aheadMs),
    },
  );
}

export function findBootId(nowMs: number): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // The machine's start, to half a minute: the clock may have been set since.
    return String(Math.round((nowMs / 1000 - os.uptime()) / 30));
  }
}
