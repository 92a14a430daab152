import type { CameraId } from '@porchlight/contract/ids';
import { Button, Group, Stack, Text } from '@mantine/core';
import type { UseMutationResult } from '@tanstack/react-query';
import { useState, type FormEvent, type ReactNode } from 'react';
import { FormDialog, strings } from '#ui';
import { SourceFieldset } from './source-fields.tsx';
import { toTestKey, type SourceFields } from './source-values.ts';
import { TestResult } from './test-result.tsx';
import { useSourceTest, type SourceTesting } from './use-source-test.ts';

const words = strings.form;

type CameraFormProps = {
  readonly title: string;
  /** What stands in the fields at first. A test is due for a source that is new or differs from it. */
  readonly start: SourceFields;
  /** The camera being changed: its stored password serves the test. */
  readonly changes?: { readonly id: CameraId; readonly hasCredentials: boolean };
  readonly complete: (fields: SourceFields) => boolean;
  readonly save: Pick<UseMutationResult<unknown, Error, SourceFields>, 'mutate' | 'isPending' | 'error'>;
  readonly saveLabel: string;
  readonly saveAnywayLabel: string;
  readonly onClose: () => void;
  /** Above the fields. */
  readonly header?: ReactNode;
  /** Between the source and the buttons. */
  readonly more?: ReactNode;
  /** Below the buttons. */
  readonly footer?: ReactNode;
};

/** The form of a camera, new or old: a source that was typed or changed is tested live before it is saved. */
export function CameraForm(props: CameraFormProps) {
  const { title, start, changes, complete, save, onClose, header, more, footer } = props;
  const [fields, setFields] = useState(start);
  const test = useSourceTest(fields, changes?.id);
  const due = start.url === '' || toTestKey(fields) !== toTestKey(start);
  const ready = complete(fields);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!ready || test.pending || save.isPending) return;
    if (due && test.result?.ok !== true) test.run();
    else save.mutate(fields);
  };
  return (
    <FormDialog title={title} size="lg" onClose={onClose}>
      <form onSubmit={submit}>
        <Stack gap="md">
          {header}
          <SourceFieldset
            fields={fields}
            stored={changes?.hasCredentials ?? false}
            onChange={(change) => setFields((before) => ({ ...before, ...change }))}
          />
          {more}
          <TestResult pending={test.pending} result={test.result} failure={test.failure} />
          {test.stale && (
            <Text size="sm" c="dimmed">
              {words.changed}
            </Text>
          )}
          {save.error && <TestResult pending={false} result={undefined} failure={save.error} />}
          <Buttons {...props} due={due} ready={ready} test={test} onSave={() => save.mutate(fields)} />
          {footer}
        </Stack>
      </form>
    </FormDialog>
  );
}

type ButtonsProps = Pick<CameraFormProps, 'save' | 'saveLabel' | 'saveAnywayLabel'> & {
  readonly due: boolean;
  readonly ready: boolean;
  readonly test: SourceTesting;
  readonly onSave: () => void;
};

/** The next step is the filled button, which Enter presses too: test while one is due, then save. */
function Buttons({ save, saveLabel, saveAnywayLabel, due, ready, test, onSave }: ButtonsProps) {
  const failed = test.result?.ok === false || test.failure !== null;
  const testFirst = due && test.result?.ok !== true;
  return (
    <Stack gap="xs">
      <Group justify="flex-end">
        {due && (
          <Button
            type={testFirst ? 'submit' : 'button'}
            variant={testFirst ? 'filled' : 'default'}
            disabled={!ready}
            loading={test.pending}
            onClick={testFirst ? undefined : test.run}
          >
            {words.test}
          </Button>
        )}
        {(!testFirst || failed) && (
          <Button
            type={testFirst ? 'button' : 'submit'}
            variant={testFirst ? 'default' : 'filled'}
            disabled={!ready}
            loading={save.isPending}
            onClick={testFirst ? onSave : undefined}
          >
            {testFirst ? saveAnywayLabel : saveLabel}
          </Button>
        )}
      </Group>
      {testFirst && failed && (
        <Text size="sm" c="dimmed" ta="end">
          {words.untested}
        </Text>
      )}
    </Stack>
  );
}
