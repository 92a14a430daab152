import type { AgentStorage, DiskCheck } from '@porchlight/contract/storage';
import {
  Alert,
  Button,
  Collapse,
  Group,
  NumberInput,
  SegmentedControl,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type FormEvent } from 'react';
import { useNavigate } from 'react-router';
import { call } from '../api.ts';
import { storageQuery } from '#data';
import { FailureNote, strings, toSize } from '#ui';
import { findMissing, toConfig, toFields, toOutlook, type StorageFields } from './storage-values.ts';
import classes from './storage.module.css';

const words = strings.storage;
type FormProps = { readonly storage: AgentStorage; readonly first: boolean };

function useSave({ storage, first }: FormProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (fields: StorageFields) =>
      call('changeStorage', { body: { agentId: storage.agentId, config: toConfig(storage, fields) } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: storageQuery.queryKey });
      if (first) await navigate('/');
    },
  });
}

/** Where to keep footage and how much; the disk is tried with a real write before anything is saved. */
export function PlaceForm({ storage, first }: FormProps) {
  const start = toFields(storage);
  const [fields, setFields] = useState<StorageFields>(first ? { ...start, amount: 'most' } : start);
  const save = useSave({ storage, first });
  const check = useMutation({
    mutationFn: (folder: string) => call('checkFolder', { body: { agentId: storage.agentId, folder } }),
  });
  const set = (change: Partial<StorageFields>): void => setFields((before) => ({ ...before, ...change }));
  const { mutate: tryDisk } = check;
  useEffect(() => {
    if (first && start.folder !== '') tryDisk(start.folder);
  }, [first, start.folder, tryDisk]);
  const missing = findMissing(fields);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (missing === undefined) save.mutate(fields);
  };
  return (
    <form onSubmit={submit} className={classes['form']}>
      <Stack gap="md">
        <Title order={2} size="h3">
          {words.change}
        </Title>
        <Group align="flex-end" wrap="wrap" gap="sm">
          <TextInput
            className={classes['folder'] ?? ''}
            label={words.folder}
            description={words.folderNote}
            value={fields.folder}
            onChange={({ currentTarget: { value } }) => set({ folder: value })}
          />
          <Button
            variant="default"
            loading={check.isPending}
            disabled={missing === 'folder'}
            onClick={() => check.mutate(fields.folder.trim())}
          >
            {words.check}
          </Button>
        </Group>
        <Amount fields={fields} set={set} />
        {check.data && <CheckResult check={check.data} fields={fields} />}
        {check.error && <FailureNote failure={check.error} />}
        <More fields={fields} set={set} />
        {save.error && <FailureNote failure={save.error} />}
        <div aria-live="polite">{save.isSuccess && <Text c="teal">{words.saved}</Text>}</div>
        <Button type="submit" loading={save.isPending} disabled={missing !== undefined} w="fit-content">
          {first ? words.keepHere : words.save}
        </Button>
      </Stack>
    </form>
  );
}

type PartProps = { readonly fields: StorageFields; readonly set: (change: Partial<StorageFields>) => void };

function Amount({ fields, set }: PartProps) {
  const narrow = useMediaQuery('(max-width: 480px)') ?? false;
  return (
    <div>
      <Text fw={500} size="sm" mb={6} id="storage-amount">
        {words.amount}
      </Text>
      <SegmentedControl
        fullWidth
        orientation={narrow ? 'vertical' : 'horizontal'}
        aria-labelledby="storage-amount"
        value={fields.amount}
        onChange={(value) => set({ amount: value })}
        data={(['most', 'some', 'default'] as const).map((value) => ({ value, label: words.amounts[value] }))}
      />
      {fields.amount === 'some' && (
        <NumberInput
          mt="sm"
          label={words.gigabytes}
          min={0.01}
          value={fields.gigabytes}
          onChange={(gigabytes) => set({ gigabytes })}
        />
      )}
      <Text size="sm" c="dimmed" mt={6}>
        {words.amountNotes[fields.amount]}
      </Text>
    </div>
  );
}

/** What most people never need: days, thinning, a second place. */
function More({ fields, set }: PartProps) {
  const used = [fields.days, fields.thinDays, fields.secondFolder].some((value) => value !== '');
  const [open, setOpen] = useState(used);
  return (
    <div>
      <Button variant="subtle" size="sm" px={0} aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? words.less : words.more}
      </Button>
      <Collapse expanded={open}>
        <Stack gap="sm" mt="xs">
          <NumberInput
            label={words.daysLimit}
            description={words.daysNote}
            min={0.05}
            value={fields.days}
            onChange={(days) => set({ days })}
          />
          <NumberInput
            label={words.thin}
            description={words.thinNote}
            min={0.05}
            value={fields.thinDays}
            onChange={(thinDays) => set({ thinDays })}
          />
          <TextInput
            label={words.second}
            description={words.secondNote}
            value={fields.secondFolder}
            onChange={({ currentTarget: { value } }) => set({ secondFolder: value })}
          />
          {fields.secondFolder !== '' && (
            <NumberInput
              label={words.moveAfter}
              min={0.05}
              value={fields.moveDays}
              onChange={(moveDays) => set({ moveDays })}
            />
          )}
        </Stack>
      </Collapse>
    </div>
  );
}

function CheckResult({ check, fields }: { readonly check: DiskCheck; readonly fields: StorageFields }) {
  const outlook = toOutlook(fields, check);
  return (
    <Alert color={check.ok ? 'teal' : 'red'} role="status" title={check.message}>
      {check.fix !== undefined && <p>{check.fix}</p>}
      {check.freeBytes !== undefined && check.totalBytes !== undefined && (
        <p>{words.free(toSize(check.freeBytes), toSize(check.totalBytes))}</p>
      )}
      {check.writeBytesPerSecond !== undefined && <p>{words.speed(toSize(check.writeBytesPerSecond))}</p>}
      {check.ok && outlook && <strong>{words.promise(outlook.days, outlook.cameras, outlook.assumed)}</strong>}
    </Alert>
  );
}
