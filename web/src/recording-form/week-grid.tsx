import type { RecordingMode, StreamPlan } from '@porchlight/contract/recording-plan';
import { useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { strings } from '#ui';
import {
  findModeAt,
  minutesPerDay,
  paint,
  stepMinutes,
  toArea,
  toTime,
  weekdays,
  type Area,
  type Cell,
} from './paint.ts';
import classes from './recording.module.css';

const words = strings.recording;
const steps = minutesPerDay / stepMinutes;
const percent = (minute: number): string => `${(minute / minutesPerDay) * 100}%`;
const arrows: Readonly<Record<string, Cell>> = {
  ArrowLeft: { day: 0, step: -1 },
  ArrowRight: { day: 0, step: 1 },
  ArrowUp: { day: -1, step: 0 },
  ArrowDown: { day: 1, step: 0 },
};
const within = (value: number, most: number): number => Math.min(most, Math.max(0, value));

type WeekGridProps = {
  readonly plan: StreamPlan;
  readonly brush: RecordingMode;
  readonly onChange: (plan: StreamPlan) => void;
};

/** Where finger, mouse or keys are, and what they mark. */
function useBrush({ plan, brush, onChange }: WeekGridProps) {
  const body = useRef<HTMLDivElement>(null);
  const [anchor, setAnchor] = useState<Cell>();
  const [cursor, setCursor] = useState<Cell>({ day: 0, step: 0 });
  const drawing = useRef(false);
  const area = toArea(anchor ?? cursor, cursor);
  const toCell = (event: PointerEvent): Cell => {
    const box = body.current!.getBoundingClientRect();
    const day = Math.floor(((event.clientY - box.top) / box.height) * weekdays.length);
    const step = Math.floor(((event.clientX - box.left) / box.width) * steps);
    return { day: within(day, weekdays.length - 1), step: within(step, steps - 1) };
  };
  const finish = (event: PointerEvent, keep: boolean) => {
    if (!drawing.current || !anchor) return;
    drawing.current = false;
    if (keep) onChange(paint(plan, toArea(anchor, toCell(event)), brush));
    setAnchor(undefined);
  };
  const move = ({ day, step }: Cell, stretch: boolean) => {
    setAnchor(stretch ? (anchor ?? cursor) : undefined);
    const to = { day: within(cursor.day + day, weekdays.length - 1), step: within(cursor.step + step, steps - 1) };
    setCursor(to);
  };
  const hands = {
    onPointerDown(event: PointerEvent) {
      if (event.button !== 0) return;
      body.current!.setPointerCapture(event.pointerId);
      drawing.current = true;
      setAnchor(toCell(event));
      setCursor(toCell(event));
    },
    onPointerMove: (event: PointerEvent) => drawing.current && setCursor(toCell(event)),
    onPointerUp: (event: PointerEvent) => finish(event, true),
    onPointerCancel: (event: PointerEvent) => finish(event, false),
    onKeyDown(event: KeyboardEvent) {
      const arrow = arrows[event.key];
      if (!arrow && event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      if (arrow) return move(arrow, event.shiftKey);
      onChange(paint(plan, area, brush));
      setAnchor(undefined);
    },
  };
  return { body, area, cursor, marking: anchor !== undefined, hands };
}

/** A week to paint on: drag over days and hours, or arrow keys, Shift to stretch, Enter to paint. */
export function WeekGrid(props: WeekGridProps) {
  const { plan, brush } = props;
  const { body, area, cursor, marking, hands } = useBrush(props);
  const [focused, setFocused] = useState(false);
  return (
    <div className={classes['week']}>
      <Days />
      <div
        ref={body}
        className={classes['grid']}
        role="application"
        tabIndex={0}
        aria-label={words.grid}
        aria-describedby="recording-grid-cursor"
        {...hands}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
      >
        {weekdays.map((day) => (
          <div key={day} className={classes['day']} data-mode={plan.mode}>
            {plan.periods
              .filter((period) => period.day === day)
              .map(({ fromMinute, toMinute, mode }) => (
                <span
                  key={fromMinute}
                  data-mode={mode}
                  style={{ left: percent(fromMinute), width: percent(toMinute - fromMinute) }}
                />
              ))}
          </div>
        ))}
        {(focused || marking) && <Marked area={area} brush={brush} drawing={marking} />}
      </div>
      <Hours />
      <p id="recording-grid-cursor" className={classes['cursor']} aria-live="polite">
        {focused || marking ? toCursorText(plan, area, cursor) : words.gridNote}
      </p>
    </div>
  );
}

function toCursorText(plan: StreamPlan, area: Area, cursor: Cell): string {
  const days =
    area.fromDay === area.toDay ? words.days[area.fromDay] : `${words.days[area.fromDay]} – ${words.days[area.toDay]}`;
  const mode = words.modes[findModeAt(plan, cursor.day, cursor.step * stepMinutes)];
  return `${days}, ${toTime(area.fromMinute)}–${toTime(area.toMinute)}: ${mode}`;
}

function Marked({ area, brush, drawing }: { area: Area; brush: RecordingMode; drawing: boolean }) {
  const row = 100 / weekdays.length;
  return (
    <span
      className={classes['marked']}
      data-mode={drawing ? brush : undefined}
      aria-hidden
      style={{
        left: percent(area.fromMinute),
        width: percent(area.toMinute - area.fromMinute),
        top: `${area.fromDay * row}%`,
        height: `${(area.toDay - area.fromDay + 1) * row}%`,
      }}
    />
  );
}

function Days() {
  return (
    <div className={classes['days']} aria-hidden>
      {words.shortDays.map((day) => (
        <span key={day}>{day}</span>
      ))}
    </div>
  );
}

function Hours() {
  return (
    <div className={classes['hours']} aria-hidden>
      {[0, 6, 12, 18, 24].map((hour) => (
        <span key={hour} style={{ left: percent(hour * 60) }}>
          {String(hour).padStart(2, '0')}
        </span>
      ))}
    </div>
  );
}
