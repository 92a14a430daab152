import type { Camera } from '@porchlight/contract/camera';
import { Button, Divider, Group, Modal, Stack, Switch, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api.ts';
import { strings } from '#ui';
import { useSourceTest } from './add-camera.tsx';
import { RemoveCamera } from './remove-camera.tsx';
import { SourceFieldset } from './source-fields.tsx';
import { toFields, toPatch, toTestKey, type SourceFields } from './source-values.ts';
import { TestResult } from './test-result.tsx';

const words = strings.form;

function useEdit(camera: Camera, onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ fields, paused }: { fields: SourceFields; paused: boolean }) => {
      const body = { ...toPatch(camera, fields), ...(paused === camera.paused ? {} : { paused }) };
      return call('patchCamera', { params: { id: camera.id }, body });
    },
    onSuccess: async () => {
      await client.invalidateQueries();
      notifications.show({ message: words.saved, color: 'teal' });
      onDone();
    },
  });
}

/** Changes a camera: name, pause, address, cap; or takes it away. */
export function EditCamera({ camera, onClose }: { camera: Camera; onClose: () => void }) {
  const phone = useMediaQuery('(max-width: 600px)') ?? false;
  const [fields, setFields] = useState(() => toFields(camera));
  const [paused, setPaused] = useState(camera.paused);
  const [removing, setRemoving] = useState(false);
  const test = useSourceTest(fields);
  const edit = useEdit(camera, onClose);
  const moved = toTestKey(fields) !== toTestKey(toFields(camera));
  const complete = fields.name.trim() !== '' && fields.url.trim() !== '';
  if (removing) return <RemoveCamera camera={camera} onClose={() => setRemoving(false)} />;
  return (
    <Modal
      opened
      onClose={onClose}
      title={
        <Text fw={650} size="lg">
          {words.editTitle}
        </Text>
      }
      size="lg"
      fullScreen={phone}
      radius="lg"
      closeButtonProps={{ 'aria-label': strings.close }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          edit.mutate({ fields, paused });
        }}
      >
        <Stack gap="md">
          <Switch
            label={words.pause}
            description={words.pauseNote}
            checked={paused}
            onChange={({ currentTarget }) => setPaused(currentTarget.checked)}
          />
          <SourceFieldset
            fields={fields}
            stored={camera.hasCredentials}
            onChange={(change) => setFields((before) => ({ ...before, ...change }))}
          />
          <TestResult pending={test.pending} result={test.result} failure={test.failure} />
          {edit.error && <TestResult pending={false} result={undefined} failure={edit.error} />}
          <Group justify="flex-end">
            {moved && (
              <Button variant="default" loading={test.pending} onClick={test.run}>
                {words.test}
              </Button>
            )}
            <Button type="submit" loading={edit.isPending} disabled={!complete}>
              {words.saveChanges}
            </Button>
          </Group>
          <RemoveButton onClick={() => setRemoving(true)} />
        </Stack>
      </form>
    </Modal>
  );
}

function RemoveButton({ onClick }: { onClick: () => void }) {
  return (
    <>
      <Divider />
      <Button variant="subtle" color="red" leftSection={<IconTrash size={18} />} onClick={onClick}>
        {words.remove}
      </Button>
    </>
  );
}
