import type { RecordingMode, StreamPlan } from '@porchlight/contract/recording-plan';
import { ActionIcon, SegmentedControl, Switch, Text } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { strings } from '#ui';
import { toBase, toLines, toTime, withoutLine, type Line } from './paint.ts';
import classes from './recording.module.css';
import { WeekGrid } from './week-grid.tsx';

const words = strings.recording;
const modes: readonly RecordingMode[] = ['continuous', 'events', 'off'];

type StreamPlanProps = {
  readonly label: string;
  readonly plan: StreamPlan;
  readonly onChange: (plan: StreamPlan) => void;
};

/** How one stream is recorded: a mode, and at certain times of the week another. */
export function StreamPlanFields({ label, plan, onChange }: StreamPlanProps) {
  const [weekly, setWeekly] = useState(plan.periods.length > 0);
  const [brush, setBrush] = useState<RecordingMode>(plan.mode === 'events' ? 'continuous' : 'events');
  const setMode = (mode: RecordingMode) => {
    onChange(toBase(plan, mode));
    if (brush === mode) setBrush(mode === 'events' ? 'continuous' : 'events');
  };
  return (
    <div className={classes['stream']} role="group" aria-label={label}>
      <Text fw={600} size="sm">
        {label}
      </Text>
      <ModeChoice label={label} mode={plan.mode} onChange={setMode} />
      <Text size="sm" c="dimmed">
        {words.modeNotes[plan.mode]}
      </Text>
      <Switch
        label={words.weekly}
        checked={weekly}
        onChange={({ currentTarget }) => {
          setWeekly(currentTarget.checked);
          if (!currentTarget.checked) onChange({ ...plan, periods: [] });
        }}
      />
      {weekly && (
        <>
          <Text size="sm">{words.brush}</Text>
          <ModeChoice label={words.brush} mode={brush} onChange={setBrush} swatches />
          <WeekGrid plan={plan} brush={brush} onChange={onChange} />
          <Lines plan={plan} onChange={onChange} />
        </>
      )}
    </div>
  );
}

type ModeChoiceProps = {
  readonly label: string;
  readonly mode: RecordingMode;
  readonly swatches?: boolean;
  readonly onChange: (mode: RecordingMode) => void;
};

function ModeChoice({ label, mode, swatches = false, onChange }: ModeChoiceProps) {
  const data = modes.map((value) => ({
    value,
    label: (
      <span>
        {swatches && <span className={classes['swatch']} data-mode={value} aria-hidden />}
        {words.modes[value]}
      </span>
    ),
  }));
  return (
    <SegmentedControl fullWidth aria-label={label} value={mode} data={data} onChange={(value) => onChange(value)} />
  );
}

/** The times as text, each with the way to take it out. */
function Lines({ plan, onChange }: Pick<StreamPlanProps, 'plan' | 'onChange'>) {
  const lines = toLines(plan.periods);
  if (lines.length === 0) return null;
  return (
    <ul className={classes['lines']}>
      {lines.map((line) => {
        const text = `${toDaysText(line.days)} ${toTime(line.fromMinute)}–${toTime(line.toMinute)}`;
        return (
          <li key={`${text} ${line.mode}`}>
            <span className={classes['swatch']} data-mode={line.mode} aria-hidden />
            <span>
              {text}: {words.modes[line.mode]}
            </span>
            <ActionIcon
              variant="subtle"
              color="gray"
              size={40}
              aria-label={words.removeLine(text)}
              onClick={() => onChange(withoutLine(plan, line))}
            >
              <IconX size={18} />
            </ActionIcon>
          </li>
        );
      })}
    </ul>
  );
}

/** `Mon–Fri, Sun` */
function toDaysText(days: Line['days']): string {
  const stretches: number[][] = [];
  for (const day of days) {
    const last = stretches.at(-1);
    if (last && last.at(-1) === day - 1) last.push(day);
    else stretches.push([day]);
  }
  const name = (day: number | undefined): string => words.shortDays[day ?? 0] ?? '';
  return stretches
    .map((stretch) => (stretch.length === 1 ? name(stretch[0]) : `${name(stretch[0])}–${name(stretch.at(-1))}`))
    .join(', ');
}
