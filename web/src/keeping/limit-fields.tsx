import { NumberInput, Text } from '@mantine/core';
import { strings } from '#ui';
import classes from './keeping.module.css';
import type { AmountKey, KeepingFields } from './keeping-values.ts';
import { fieldNames } from './limits-text.ts';

const words = strings.keeping;
type FieldsProps = {
  readonly fields: KeepingFields;
  readonly onChange: (change: Partial<KeepingFields>) => void;
};

const rows: readonly { name: 'continuous' | 'event' | 'held' | 'all'; days?: AmountKey; gigabytes: AmountKey }[] = [
  { name: 'continuous', days: 'continuousDays', gigabytes: 'continuousGb' },
  { name: 'event', days: 'eventDays', gigabytes: 'eventGb' },
  { name: 'held', gigabytes: 'heldGb' },
  { name: 'all', gigabytes: 'allGb' },
];

/** Limits by class, in days and gigabytes. What the house makes of them is the house's to say: nothing is corrected here. */
export function LimitFields({ fields, onChange }: FieldsProps) {
  const amount = (key: AmountKey) => (
    <NumberInput
      key={key}
      aria-label={fieldNames[key]}
      hideControls
      allowNegative={false}
      clampBehavior="none"
      value={fields[key]}
      onChange={(value) => onChange({ [key]: value })}
    />
  );
  return (
    <>
      <div className={classes['limits']}>
        <span className={classes['corner']}>{words.ownNote}</span>
        <span aria-hidden />
        <span className={classes['unit']}>{words.days}</span>
        <span className={classes['unit']}>{words.gigabytes}</span>
        {rows.map(({ name, days, gigabytes }) => (
          <div key={name} className={classes['row']} role="group" aria-label={words[name]}>
            <span>{words[name]}</span>
            {days ? amount(days) : <span aria-hidden>–</span>}
            {amount(gigabytes)}
          </div>
        ))}
      </div>
      <Text size="sm" c="dimmed">
        {words.heldNote}
      </Text>
      <NumberInput
        label={words.thin}
        description={words.thinNote}
        hideControls
        allowNegative={false}
        clampBehavior="none"
        value={fields.thinDays}
        onChange={(thinDays) => onChange({ thinDays })}
      />
    </>
  );
}
