import type { CoverageDay, GapReason } from '@porchlight/contract/recordings';
import { ActionIcon, Skeleton, Title, UnstyledButton } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { coverageQuery } from '#data';
import { isCalm } from '#timeline';
import { FailureLine, strings, toDuration } from '#ui';
import { toFirstDay, toShiftedMonth, toWeeks } from './weeks.ts';
import classes from './month.module.css';

const words = strings.month;
const language = navigator.language;
const format = (options: Intl.DateTimeFormatOptions) => {
  const made = new Intl.DateTimeFormat(language, { timeZone: 'UTC', ...options });
  return (day: string) => made.format(Date.parse(`${day.padEnd(10, '-01')}T12:00:00Z`));
};
const toMonthName = format({ month: 'long', year: 'numeric' });
const toDayName = format({ weekday: 'long', day: 'numeric', month: 'long' });
const toWeekday = format({ weekday: 'narrow' });
const toPercent = (percent: number): string => `${percent >= 99.95 || percent === 0 ? percent : percent.toFixed(1)} %`;

type Missing = Partial<Record<GapReason, number>>;
/** What is missing, the longest first. */
const toLosses = (missingMs: Missing, without?: (reason: GapReason) => boolean): string[] =>
  (Object.entries(missingMs) as [GapReason, number][])
    .filter(([reason]) => !without?.(reason))
    .sort(([, one], [, other]) => other - one)
    .map(([reason, ms]) => `${strings.timeline.gaps[reason]} ${toDuration(ms)}`);

type MonthViewProps = {
  readonly camera: string;
  /** Chosen on the timeline, `YYYY-MM-DD`. */
  readonly day: string;
  readonly today: string;
  readonly onDay: (day: string) => void;
};

/** A calendar with how much of each day is recorded; a click leads to the day. */
export function MonthView({ camera, day, today, onDay }: MonthViewProps) {
  const [month, setMonth] = useState(day.slice(0, 7));
  useEffect(() => setMonth(day.slice(0, 7)), [day]);
  const thisMonth = today.slice(0, 7);
  const query = useQuery({ ...coverageQuery(camera, month, month === thisMonth), placeholderData: keepPreviousData });
  const data = query.isPlaceholderData ? undefined : query.data;
  const browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <section className={classes['month']} aria-label={words.title}>
      <div className={classes['head']}>
        <Title order={2} size="h3">
          {words.title}
        </Title>
        <Turn
          label={words.previous}
          onClick={() => setMonth(toShiftedMonth(month, -1))}
          icon={<IconChevronLeft size={20} />}
        />
        <span className={classes['name']} aria-live="polite">
          {toMonthName(month)}
        </span>
        <Turn
          label={words.next}
          disabled={month >= thisMonth}
          onClick={() => setMonth(toShiftedMonth(month, 1))}
          icon={<IconChevronRight size={20} />}
        />
      </div>
      {query.error && !query.data ? (
        <FailureLine title={words.failed} failure={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Calendar days={data?.days} {...{ month, day, onDay }} />
      )}
      {data && data.days.length > 0 && <Sum {...data} />}
      {!data && !query.error && <Skeleton height={20} width={240} radius="md" />}
      {data && data.timeZone !== browserZone && <p className={classes['note']}>{words.zone(data.timeZone)}</p>}
    </section>
  );
}

type TurnProps = { label: string; icon: React.ReactNode; disabled?: boolean; onClick: () => void };

function Turn({ label, icon, disabled = false, onClick }: TurnProps) {
  return (
    <ActionIcon variant="subtle" color="gray" size="lg" aria-label={label} disabled={disabled} onClick={onClick}>
      {icon}
    </ActionIcon>
  );
}

type CalendarProps = {
  readonly month: string;
  readonly day: string;
  readonly days: readonly CoverageDay[] | undefined;
  readonly onDay: (day: string) => void;
};

function Calendar({ month, day, days, onDay }: CalendarProps) {
  const weeks = toWeeks(month, toFirstDay(language));
  const facts = new Map(days?.map((one) => [one.day, one]));
  const names = weeks[1] ?? [];
  return (
    <div className={classes['grid']}>
      {names.map((name) => (
        <span key={name} className={classes['weekday']} aria-hidden>
          {name && toWeekday(name)}
        </span>
      ))}
      {weeks
        .flat()
        .map((name, index) =>
          name === undefined ? (
            <span key={index} />
          ) : (
            <DayCell key={name} name={name} facts={facts.get(name)} chosen={name === day} onDay={onDay} />
          ),
        )}
    </div>
  );
}

type DayCellProps = { name: string; facts: CoverageDay | undefined; chosen: boolean; onDay: (day: string) => void };

/** A day with its bar: full when all that was to be recorded is there. */
function DayCell({ name, facts, chosen, onDay }: DayCellProps) {
  const percent = facts?.percent;
  const state = percent === undefined ? words.nothing : words.recorded(toPercent(percent));
  // Until the answer is there nothing is said of a day.
  const told = facts && [state, ...toLosses(facts.missingMs)].join(', ');
  const label = told === undefined ? toDayName(name) : words.day(toDayName(name), told);
  return (
    <UnstyledButton
      className={classes['cell'] ?? ''}
      disabled={!facts}
      aria-label={label}
      aria-current={chosen ? 'date' : undefined}
      title={facts ? label : undefined}
      onClick={() => onDay(name)}
    >
      <span>{Number(name.slice(8))}</span>
      <span className={classes['bar']} data-none={percent === undefined || undefined}>
        {percent !== undefined && <span data-low={percent < 95 || undefined} style={{ width: `${percent}%` }} />}
      </span>
    </UnstyledButton>
  );
}

function Sum({ percent, missingMs }: { percent?: number | undefined; missingMs: Missing }) {
  const losses = toLosses(missingMs, isCalm);
  return (
    <p className={classes['note']}>
      <strong>{percent === undefined ? words.nothing : words.recorded(toPercent(percent))}</strong>
      {' · '}
      {losses.length === 0 ? words.whole : `${words.missing}: ${losses.join(', ')}`}
    </p>
  );
}
