import type { Camera } from '@porchlight/contract/camera';
import type { RecordingPlan, StreamPlan } from '@porchlight/contract/recording-plan';
import { Divider, NumberInput, Select, Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import { strings } from '#ui';
import { StreamPlanFields } from './stream-plan.tsx';
import classes from './recording.module.css';

const words = strings.recording;
const always: StreamPlan = { mode: 'continuous', periods: [] };
const defaultPlan: RecordingPlan = {
  main: always,
  sub: always,
  preRollMs: 10_000,
  postRollMs: 20_000,
  longestEventMs: 600_000,
};

/** The plan that a camera has now. */
export const toPlan = (camera: Camera): RecordingPlan => camera.recording ?? defaultPlan;

const usesEvents = ({ mode, periods }: StreamPlan): boolean =>
  mode === 'events' || periods.some((period) => period.mode === 'events');
const browserZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

type RecordingFieldsetProps = {
  readonly plan: RecordingPlan;
  readonly hasSub: boolean;
  readonly onChange: (plan: RecordingPlan) => void;
};

/** What is recorded of a camera and when: its streams' modes, the week, how long events are. */
export function RecordingFieldset({ plan, hasSub, onChange }: RecordingFieldsetProps) {
  const setStream = (name: 'main' | 'sub', stream: StreamPlan) =>
    // A schedule is meant in the time of whoever draws it.
    onChange({
      ...plan,
      [name]: stream,
      ...(stream.periods.length > 0 && plan.timeZone === undefined ? { timeZone: browserZone() } : {}),
    });
  const weekly = plan.main.periods.length > 0 || (hasSub && plan.sub.periods.length > 0);
  return (
    <Stack gap="md" component="fieldset" m={0} p={0} bd="none">
      <Divider label={<Text component="legend">{words.title}</Text>} labelPosition="left" />
      <StreamPlanFields
        label={hasSub ? strings.camera.streams.main : words.what}
        plan={plan.main}
        onChange={(stream) => setStream('main', stream)}
      />
      {hasSub && (
        <StreamPlanFields
          label={strings.camera.streams.sub}
          plan={plan.sub}
          onChange={(stream) => setStream('sub', stream)}
        />
      )}
      {weekly && <ZoneSelect plan={plan} onChange={onChange} />}
      {(usesEvents(plan.main) || (hasSub && usesEvents(plan.sub))) && <EventLengths plan={plan} onChange={onChange} />}
    </Stack>
  );
}

type PartProps = Pick<RecordingFieldsetProps, 'plan' | 'onChange'>;

function ZoneSelect({ plan, onChange }: PartProps) {
  const zones = useMemo(() => [...new Set([browserZone(), 'UTC', ...Intl.supportedValuesOf('timeZone')])], []);
  return (
    <Select
      label={words.zone}
      description={words.zoneNote}
      searchable
      allowDeselect={false}
      limit={60}
      data={zones}
      value={plan.timeZone ?? null}
      onChange={(zone) => zone !== null && onChange({ ...plan, timeZone: zone })}
    />
  );
}

function EventLengths({ plan, onChange }: PartProps) {
  const fields = [
    { key: 'preRollMs', label: words.before, unitMs: 1000, min: 0, max: 60 },
    { key: 'postRollMs', label: words.after, unitMs: 1000, min: 1, max: 600 },
    { key: 'longestEventMs', label: words.longest, unitMs: 60_000, min: 1, max: 60 },
  ] as const;
  return (
    <div>
      <div className={classes['seconds']}>
        {fields.map(({ key, label, unitMs, min, max }) => (
          <NumberInput
            key={key}
            label={label}
            min={min}
            max={max}
            allowDecimal={false}
            value={plan[key] / unitMs}
            onChange={(value) => typeof value === 'number' && onChange({ ...plan, [key]: Math.round(value * unitMs) })}
          />
        ))}
      </div>
      <Text size="sm" c="dimmed" mt={6}>
        {words.eventNote}
      </Text>
    </div>
  );
}
