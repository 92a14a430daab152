import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { call } from '../api.ts';
import { camerasQuery } from '#data';
import { strings } from '#ui';
import { SourceFieldset } from './source-fields.tsx';
import { emptyFields, toNewCamera, toSuggestedName, toTestKey, type SourceFields } from './source-values.ts';
import { runTest } from './run-test.ts';
import { TestResult } from './test-result.tsx';

const words = strings.form;

/** A live test of the source, and whether its result still belongs to what is typed. */
export function useSourceTest(fields: SourceFields) {
  const test = useMutation({ mutationFn: runTest });
  const fresh = test.variables !== undefined && toTestKey(test.variables) === toTestKey(fields);
  return {
    run: () => test.mutate(fields),
    pending: test.isPending,
    result: fresh ? test.data : undefined,
    failure: fresh ? test.error : null,
    stale: !fresh && test.data !== undefined,
  };
}

function useAdd(onClose: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (fields: SourceFields) => call('addCamera', { body: toNewCamera(fields) }),
    onSuccess: async (camera) => {
      await client.invalidateQueries({ queryKey: camerasQuery.queryKey });
      notifications.show({ message: words.added(camera.name), color: 'teal' });
      onClose();
    },
  });
}

/** Adds a camera: address, a test that shows what it sends, save. */
export function AddCamera({ onClose }: { onClose: () => void }) {
  const phone = useMediaQuery('(max-width: 600px)') ?? false;
  const [fields, setFields] = useState(emptyFields);
  const test = useSourceTest(fields);
  const add = useAdd(onClose);
  const named = { ...fields, name: fields.name.trim() === '' ? toSuggestedName(fields.url) : fields.name };
  const ready = fields.url.trim() !== '';
  const tested = test.result?.ok === true;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!ready || test.pending) return;
    if (tested) add.mutate(named);
    else test.run();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={
        <Text fw={650} size="lg">
          {words.addTitle}
        </Text>
      }
      size="lg"
      fullScreen={phone}
      radius="lg"
      closeButtonProps={{ 'aria-label': strings.close }}
    >
      <form onSubmit={submit}>
        <Stack gap="md">
          <SourceFieldset fields={fields} onChange={(change) => setFields((before) => ({ ...before, ...change }))} />
          <TestResult pending={test.pending} result={test.result} failure={test.failure} />
          {test.stale && (
            <Text size="sm" c="dimmed">
              {words.changed}
            </Text>
          )}
          {add.error && <TestResult pending={false} result={undefined} failure={add.error} />}
          <SaveRow
            tested={tested}
            ready={ready}
            failed={test.result?.ok === false || test.failure !== null}
            testing={test.pending}
            adding={add.isPending}
            onTest={test.run}
            onAdd={() => add.mutate(named)}
          />
        </Stack>
      </form>
    </Modal>
  );
}

type SaveRowProps = {
  readonly tested: boolean;
  readonly ready: boolean;
  readonly failed: boolean;
  readonly testing: boolean;
  readonly adding: boolean;
  readonly onTest: () => void;
  readonly onAdd: () => void;
};

function SaveRow({ tested, ready, failed, testing, adding, onTest, onAdd }: SaveRowProps) {
  return (
    <Stack gap="xs">
      <Group justify="flex-end">
        <Button
          type={tested ? 'button' : 'submit'}
          variant={tested ? 'default' : 'filled'}
          disabled={!ready}
          loading={testing}
          onClick={tested ? onTest : undefined}
        >
          {words.test}
        </Button>
        {(tested || failed) && (
          <Button
            type={tested ? 'submit' : 'button'}
            variant={tested ? 'filled' : 'default'}
            loading={adding}
            onClick={tested ? undefined : onAdd}
          >
            {tested ? words.save : words.saveAnyway}
          </Button>
        )}
      </Group>
      {failed && (
        <Text size="sm" c="dimmed" ta="end">
          {words.untested}
        </Text>
      )}
    </Stack>
  );
}
