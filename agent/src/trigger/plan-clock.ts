import type { Clock, Timer } from '@porchlight/base/clock';
import type { StreamName } from '@porchlight/contract/camera';
import { findMode, findNextChange, type RecordingMode, type RecordingPlan } from '@porchlight/contract/recording-plan';

export type StreamModes = Readonly<Record<StreamName, RecordingMode>>;

/** Says which mode each stream has by its plan, when that changes. */
export type PlanClock = {
  readonly modes: StreamModes;
  /** Another plan from now on; `onModes` is called if that changes a mode now. */
  setPlan(plan: RecordingPlan): void;
  close(): void;
};

/** The wall clock may be set: what was reckoned is looked at again this often. */
const lookAgainMs = 60_000;

/** Opens the clock of a plan. A plan without periods needs no timer. */
export function openPlanClock(
  first: RecordingPlan,
  { clock, onModes }: { readonly clock: Clock; readonly onModes: (modes: StreamModes) => void },
): PlanClock {
  let plan = first;
  let timer: Timer | undefined;
  const read = (): StreamModes => ({
    main: findMode(plan.main, plan.timeZone, clock.nowMs()),
    sub: findMode(plan.sub, plan.timeZone, clock.nowMs()),
  });
  let modes = read();

  const wait = (): void => {
    timer?.cancel();
    timer = undefined;
    const nowMs = clock.nowMs();
    const changes = [plan.main, plan.sub].flatMap((stream) => findNextChange(stream, plan.timeZone, nowMs)?.atMs ?? []);
    if (changes.length > 0) timer = clock.after(Math.min(lookAgainMs, Math.max(1, Math.min(...changes) - nowMs)), look);
  };
  const look = (): void => {
    const next = read();
    const changed = next.main !== modes.main || next.sub !== modes.sub;
    modes = next;
    wait();
    if (changed) onModes(next);
  };
  wait();
  return {
    get modes() {
      return modes;
    },
    setPlan(next) {
      plan = next;
      look();
    },
    close: () => timer?.cancel(),
  };
}
