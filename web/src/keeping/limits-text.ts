import type { FootageBudget } from '@porchlight/contract/storage';
import { strings, toSize } from '#ui';
import { findRefused, type AmountKey } from './keeping-values.ts';

const words = strings.keeping;

/** A budget in words, `recorded always 30 days at most, thinned after 7 days`; undefined when it sets no limit. */
export function toLimitsText({ continuous, event, held, thinAfterDays }: FootageBudget): string | undefined {
  const parts = [
    ...Object.entries({ continuous, event, held }).flatMap(([name, limit]) => {
      const what = words[name as 'continuous' | 'event' | 'held'].toLowerCase();
      const { days, bytes } = { days: undefined, bytes: undefined, ...limit };
      return [
        ...(days === undefined ? [] : [words.limitDays(what, days)]),
        ...(bytes === undefined ? [] : [words.limitBytes(what, toSize(bytes))]),
      ];
    }),
    ...(thinAfterDays === undefined ? [] : [words.thinned(thinAfterDays)]),
  ];
  return parts.length === 0 ? undefined : parts.join(', ');
}

/** What a field is called on the page. */
export const fieldNames: Readonly<Record<AmountKey, string>> = {
  continuousDays: words.field(words.continuous, words.days),
  continuousGb: words.field(words.continuous, words.gigabytes),
  eventDays: words.field(words.event, words.days),
  eventGb: words.field(words.event, words.gigabytes),
  heldGb: words.field(words.held, words.gigabytes),
  allGb: words.field(words.all, words.gigabytes),
  thinDays: words.thin,
};

/** What the house said of a limit, with the name that its field has on the page. */
export function toRefusalText(message: string): string {
  const refused = findRefused(message);
  return refused === undefined ? message : `${fieldNames[refused.field]}: ${refused.reason}`;
}
