import { readFileSync } from 'node:fs';
import os from 'node:os';
import type { IndexStore } from '#index-store';

/** How often the index is told that the agent lives. */
export const aliveMs = 5_000;

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

/** From the end of each stream's footage, or from when the agent was last alive if it had stopped before. */
export function noteAbsence(store: IndexStore, ended: Ended | undefined): void {
  if (ended === undefined) return;
  for (const { camera, stream, endMs } of store.listEnds()) {
    const stoppedBefore = endMs < ended.aliveMs - 2 * aliveMs;
    store.insertGap(camera, stream, { fromMs: stoppedBefore ? ended.aliveMs : endMs, reason: ended.reason });
  }
}

export function findBootId(nowMs: number): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // The machine's start, to half a minute: the clock may have been set since.
    return String(Math.round((nowMs / 1000 - os.uptime()) / 30));
  }
}
