import type { Camera } from '@porchlight/contract/camera';
import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { toRecordedMs, type Coverage } from '#timeline';
import { FailureNote, FormDialog, strings, toDuration, toSize, toSpanText } from '#ui';
import { useKeep, type HoldWish } from './use-holds.ts';

const words = strings.holds;
const assumedBps = 2_000_000;

type KeepDialogProps = {
  readonly camera: Camera;
  readonly coverage: Coverage | undefined;
  readonly wish: HoldWish;
  readonly onClose: () => void;
};

/** Asks why, says what it costs, and keeps a span for good. */
export function KeepDialog({ camera, coverage, wish, onClose }: KeepDialogProps) {
  const [note, setNote] = useState(wish.note);
  const keep = useKeep(camera.id, onClose);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    keep.mutate({ ...wish, note });
  };
  return (
    <FormDialog title={words.dialogTitle} onClose={onClose}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <div>
            <Text fw={600} className="pl-number">
              {toSpanText(wish.fromMs, wish.toMs)}
            </Text>
            <Text size="sm" c="dimmed" className="pl-number">
              {toDuration(wish.toMs - wish.fromMs)}
            </Text>
            <Text size="sm" c="dimmed" mt={8}>
              {words.dialogText} {toCostText(camera, coverage, wish)}
            </Text>
          </div>
          <TextInput
            label={words.note}
            placeholder={words.noteExample}
            maxLength={200}
            data-autofocus
            value={note}
            onChange={({ currentTarget: { value } }) => setNote(value)}
          />
          {keep.error && <FailureNote failure={keep.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {strings.cancel}
            </Button>
            <Button type="submit" loading={keep.isPending}>
              {words.submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </FormDialog>
  );
}

/** What the span takes, by what the camera sends now, and what is held beside it. */
function toCostText({ streams, kept, budget }: Camera, coverage: Coverage | undefined, wish: HoldWish): string {
  const bitrateBps = streams.reduce((sum, { name, bitrateBps: one }) => {
    const recordedMs = coverage && toRecordedMs(name === 'main' ? coverage.main : coverage.sub, wish);
    return sum + (one * (recordedMs ?? wish.toMs - wish.fromMs)) / 8000;
  }, 0);
  const assumed = (assumedBps * (wish.toMs - wish.fromMs)) / 8000;
  const bytes = streams.length === 0 ? assumed : bitrateBps;
  const cost = bytes === 0 ? words.nothingRecorded : words.size(toSize(bytes));
  if (kept === undefined || kept.heldBytes === 0) return cost;
  const held = toSize(kept.heldBytes);
  const mostBytes = budget?.held?.bytes;
  return `${cost} ${mostBytes === undefined ? words.already(held) : words.alreadyOf(held, toSize(mostBytes))}`;
}
