import { ActionIcon, Tooltip } from '@mantine/core';
import { IconCalendar, IconChevronLeft, IconChevronRight, IconMinus, IconPlus } from '@tabler/icons-react';
import { strings, toDayName } from '#ui';
import { toZoomed, type View } from './scale.ts';
import classes from './timeline.module.css';
import { isDay, toDay, toDayBounds, toShiftedDay } from './zone.ts';

const words = strings.timeline;

/** Chooses the day that the timeline shows. */
export function DayBar({ day, nowMs, onDay }: { day: string; nowMs: number; onDay: (day: string) => void }) {
  const today = toDay(nowMs);
  const name = day === today ? words.today : toDayName(toDayBounds(day).fromMs + 43_200_000);
  return (
    <div className={classes['bar']}>
      <Tooltip label={words.previousDay}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={words.previousDay}
          onClick={() => onDay(toShiftedDay(day, -1))}
        >
          <IconChevronLeft size={20} />
        </ActionIcon>
      </Tooltip>
      <label className={classes['day']}>
        <IconCalendar size={16} aria-hidden />
        <span>{name}</span>
        <input
          type="date"
          aria-label={words.day}
          value={day}
          max={today}
          onChange={({ currentTarget }) => isDay(currentTarget.value) && onDay(currentTarget.value)}
        />
      </label>
      <Tooltip label={words.nextDay}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={words.nextDay}
          disabled={day >= today}
          onClick={() => onDay(toShiftedDay(day, 1))}
        >
          <IconChevronRight size={20} />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}

type ZoomProps = { view: View; bounds: View; playheadMs: number; onView: (view: View) => void };

/** Closer and farther, around the playhead where it can be seen. */
export function ZoomButtons({ view, bounds, playheadMs, onView }: ZoomProps) {
  const seen = playheadMs >= view.fromMs && playheadMs <= view.toMs;
  const anchorMs = seen ? playheadMs : (view.fromMs + view.toMs) / 2;
  const zoom = (factor: number) => onView(toZoomed(view, bounds, { factor, anchorMs }));
  const whole = view.toMs - view.fromMs >= bounds.toMs - bounds.fromMs;
  return (
    <div className={classes['bar']}>
      <Tooltip label={words.zoomOut}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={words.zoomOut}
          disabled={whole}
          onClick={() => zoom(2.5)}
        >
          <IconMinus size={18} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={words.zoomIn}>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={words.zoomIn} onClick={() => zoom(0.4)}>
          <IconPlus size={18} />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}
