import type { Camera, StreamName } from '@porchlight/contract/camera';
import { Button, Checkbox, Group, Switch, Text, TextInput } from '@mantine/core';
import { IconFileExport } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import { useSearchParams } from 'react-router';
import { strings } from '#ui';
import { Failed } from './failed.tsx';
import { findFault, fromField, toFirstWish, type Fault, type Wish } from './wish.ts';
import { useExportActions } from './use-exports.ts';
import classes from './exports.module.css';

const words = strings.exports;
const streams: readonly StreamName[] = ['main', 'sub'];

/** Which cameras, from when to when. */
export function ExportForm({ cameras }: { cameras: readonly Camera[] }) {
  const [search] = useSearchParams();
  const [wish, setWish] = useState(() => {
    const first = toFirstWish(search, Date.now());
    return cameras.length === 1 ? { ...first, cameras: [cameras[0]!.id] } : first;
  });
  const [fault, setFault] = useState<Fault>();
  const { add } = useExportActions();
  const change = (part: Partial<Wish>): void => {
    setFault(undefined);
    setWish({ ...wish, ...part });
  };
  const send = (event: FormEvent): void => {
    event.preventDefault();
    const found = findFault(wish, Date.now());
    setFault(found);
    if (found !== undefined) return;
    const chosen = cameras.filter(({ id }) => wish.cameras.includes(id)).map(({ id }) => id);
    add.mutate({
      ...{ cameras: chosen, streams: [...wish.streams], zip: wish.zip },
      ...{ fromMs: fromField(wish.from)!, toMs: fromField(wish.to)! },
    });
  };
  return (
    <form className={classes['form']} onSubmit={send} noValidate aria-label={words.title}>
      <CameraChoice cameras={cameras} chosen={wish.cameras} onChange={(ids) => change({ cameras: ids })} />
      <div className={classes['times']}>
        <TimeField label={words.from} value={wish.from} onChange={(from) => change({ from })} />
        <TimeField label={words.to} value={wish.to} onChange={(to) => change({ to })} />
      </div>
      <StreamChoice chosen={wish.streams} onChange={(streams) => change({ streams })} />
      <Switch
        label={words.zip}
        checked={wish.zip}
        onChange={({ currentTarget }) => change({ zip: currentTarget.checked })}
      />
      {fault !== undefined && (
        <Text c="red" size="sm" role="alert">
          {words[fault]}
        </Text>
      )}
      {add.error && <Failed failure={add.error} />}
      <Button
        type="submit"
        size="md"
        loading={add.isPending}
        leftSection={<IconFileExport size={18} />}
        className={classes['send'] ?? ''}
      >
        {words.start}
      </Button>
    </form>
  );
}

type ChoiceProps = {
  readonly cameras: readonly Camera[];
  readonly chosen: readonly string[];
  readonly onChange: (ids: string[]) => void;
};

function CameraChoice({ cameras, chosen, onChange }: ChoiceProps) {
  const all = cameras.every(({ id }) => chosen.includes(id));
  return (
    <div>
      <Checkbox.Group label={words.cameras} value={[...chosen]} onChange={onChange}>
        <div className={classes['cameras']}>
          {cameras.map(({ id, name }) => (
            <Checkbox key={id} value={id} label={name} />
          ))}
        </div>
      </Checkbox.Group>
      {cameras.length > 1 && (
        // Outside of the group, which would take it for a camera.
        <Checkbox
          mt="sm"
          label={words.all}
          checked={all}
          indeterminate={!all && chosen.length > 0}
          onChange={() => onChange(all ? [] : cameras.map(({ id }) => id))}
        />
      )}
    </div>
  );
}

type StreamsProps = {
  readonly chosen: readonly StreamName[];
  readonly onChange: (streams: StreamName[]) => void;
};

function StreamChoice({ chosen, onChange }: StreamsProps) {
  return (
    <Checkbox.Group
      label={words.streams}
      value={[...chosen]}
      onChange={(names) => onChange(streams.filter((name) => names.includes(name)))}
    >
      <Group mt={6} gap="lg">
        {streams.map((name) => (
          <Checkbox key={name} value={name} label={words.streamNames[name]} />
        ))}
      </Group>
    </Checkbox.Group>
  );
}

type TimeProps = { readonly label: string; readonly value: string; readonly onChange: (value: string) => void };

function TimeField({ label, value, onChange }: TimeProps) {
  return (
    <TextInput
      label={label}
      type="datetime-local"
      step={1}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}
