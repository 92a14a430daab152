import { strings } from '#ui';
import { isCalm, type Coverage } from './coverage.ts';
import type { Mark } from './draw.ts';
import type { View } from './scale.ts';
import classes from './timeline.module.css';

const words = strings.timeline.legend;

type LegendProps = {
  readonly view: View;
  readonly coverage: Coverage | undefined;
  readonly events: readonly Mark[] | undefined;
  readonly holds: readonly Mark[] | undefined;
};

/** What the colours of the timeline mean; only those that are in sight. */
export function Legend({ view, coverage, events = [], holds = [] }: LegendProps) {
  const inSight = (marks: readonly Mark[]): boolean =>
    marks.some(({ fromMs, toMs }) => fromMs < view.toMs && toMs > view.fromMs);
  const shown = {
    main: inSight(coverage?.main ?? []),
    sub: inSight(coverage?.sub ?? []) && !inSight(coverage?.main ?? []),
    hole: inSight(coverage?.gaps.filter(({ reason }) => !isCalm(reason)) ?? []),
    event: inSight(events),
    hold: inSight(holds),
  };
  const names = (Object.keys(shown) as (keyof typeof shown)[]).filter((name) => shown[name]);
  return (
    <ul className={classes['legend']} aria-label={words.label}>
      {names.map((name) => (
        <li key={name} data-mark={name}>
          {words[name]}
        </li>
      ))}
    </ul>
  );
}
