import type { Camera } from '@porchlight/contract/camera';
import type { FootageBudget } from '@porchlight/contract/storage';
import { Alert, Anchor, Button, Group, SegmentedControl, Skeleton, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import { Link } from 'react-router';
import { FailureNote, FormDialog, strings, toDateTime, toSize } from '#ui';
import { findLoss, hasNonsense, toFields, toLimits, type KeepingFields, type Limits } from './keeping-values.ts';
import { LimitFields } from './limit-fields.tsx';
import { toLimitsText, toRefusalText } from './limits-text.ts';
import { useHouseLimits, useSaveLimits } from './use-keeping.ts';

const words = strings.keeping;

type KeepingDialogProps = { readonly camera: Camera; readonly onClose: () => void };

/** How long one camera's footage is kept: as for every camera, or limits of its own, and for how long that will do. */
export function KeepingDialog({ camera, onClose }: KeepingDialogProps) {
  const house = useHouseLimits(camera);
  return (
    <FormDialog title={words.title(camera.name)} size="lg" onClose={onClose}>
      {house.budget === undefined ? (
        <Skeleton height={180} radius="md" role="status" aria-label={strings.loading} />
      ) : (
        <KeepingForm camera={camera} budget={house.budget} toDays={house.toDays} onClose={onClose} />
      )}
    </FormDialog>
  );
}

type FormProps = KeepingDialogProps & {
  readonly budget: FootageBudget;
  readonly toDays: (limits: Limits) => number | undefined;
};

function KeepingForm({ camera: shown, budget, toDays, onClose }: FormProps) {
  // The camera as it was when the dialog opened: what arrives meanwhile must not move the fields.
  const [camera] = useState(shown);
  const [fields, setFields] = useState<KeepingFields>(() => toFields(camera, budget));
  const save = useSaveLimits(camera, onClose);
  const nonsense = hasNonsense(fields);
  const limits = toLimits(fields);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!nonsense) save.mutate(fields);
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <SegmentedControl
          fullWidth
          aria-label={words.whose}
          value={fields.own ? 'own' : 'shared'}
          onChange={(value) => setFields({ ...fields, own: value === 'own' })}
          data={(['shared', 'own'] as const).map((value) => ({ value, label: words[value] }))}
        />
        {fields.own ? (
          <LimitFields fields={fields} onChange={(change) => setFields({ ...fields, ...change })} />
        ) : (
          <Shared budget={budget} />
        )}
        <div aria-live="polite">
          {nonsense ? (
            <Text c="red">{words.nonsense}</Text>
          ) : (
            <Outlook days={toDays(limits)} bytesPerDay={camera.kept?.bytesPerDay} />
          )}
        </div>
        {!nonsense && <LossNote camera={shown} limits={limits} budget={budget} />}
        {save.error && <FailureNote failure={save.error} title={toRefusalText(save.error.message)} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {strings.cancel}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={nonsense}>
            {words.save}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Shared({ budget }: { budget: FootageBudget }) {
  const limits = toLimitsText(budget);
  return (
    <Text size="sm" c="dimmed">
      {words.sharedNote} {limits !== undefined && words.sharedLimits(limits)}{' '}
      <Anchor component={Link} to="/storage">
        {words.toStorage}
      </Anchor>
    </Text>
  );
}

function Outlook({ days, bytesPerDay }: { days: number | undefined; bytesPerDay: number | undefined }) {
  if (days === undefined || bytesPerDay === undefined) return <Text c="dimmed">{words.unknown}</Text>;
  return <Text fw={600}>{words.outlook(strings.storage.days(days), toSize(bytesPerDay))}</Text>;
}

type LossProps = { readonly camera: Camera; readonly limits: Limits; readonly budget: FootageBudget };

/** What would be deleted, before it is. */
function LossNote({ camera, limits, budget }: LossProps) {
  const loss = findLoss(camera, { ...limits, budget: limits.budget ?? budget }, Date.now());
  if (!loss) return null;
  const { bytes, beforeMs } = loss;
  return (
    <Alert color="yellow" role="status" icon={<IconAlertTriangle size={20} />} title={words.loss}>
      {bytes !== undefined && words.lossBytes(toSize(bytes))}{' '}
      {beforeMs !== undefined && words.lossBefore(toDateTime(beforeMs))} {words.lossHelp}
    </Alert>
  );
}
