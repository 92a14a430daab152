import type { Camera } from '@porchlight/contract/camera';
import { Button, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { call } from '../api.ts';
import { camerasQuery } from '#data';
import { FormDialog, strings, toSize } from '#ui';
import { TestResult } from './test-result.tsx';

const words = strings.form;

/** Asks what is to become of the footage; nothing is deleted by accident. */
export function RemoveCamera({ camera, onClose }: { camera: Camera; onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: (footage: 'keep' | 'delete') => call('removeCamera', { params: { id: camera.id }, query: { footage } }),
    onSuccess: async () => {
      await navigate('/');
      await client.invalidateQueries({ queryKey: camerasQuery.queryKey });
      notifications.show({ message: words.removed(camera.name), color: 'gray' });
    },
  });
  const deleting = remove.isPending && remove.variables === 'delete';
  const size = camera.usedBytes === undefined ? '' : ` (${toSize(camera.usedBytes)})`;
  return (
    <FormDialog title={words.removeTitle(camera.name)} onClose={onClose}>
      <Stack>
        <Text>{words.removeText}</Text>
        {remove.error && <TestResult pending={false} result={undefined} failure={remove.error} />}
        <Button
          variant="default"
          loading={remove.isPending && !deleting}
          disabled={deleting}
          onClick={() => remove.mutate('keep')}
        >
          {words.removeKeep}
        </Button>
        <Button
          color="red.8"
          loading={deleting}
          disabled={remove.isPending && !deleting}
          onClick={() => remove.mutate('delete')}
        >
          {words.removeDelete + size}
        </Button>
        <Button variant="subtle" color="gray" onClick={onClose}>
          {strings.cancel}
        </Button>
      </Stack>
    </FormDialog>
  );
}
