import type { Camera } from '@porchlight/contract/camera';
import { Button, Divider, Switch } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { RecordingFieldset, toPlan } from '#recording-form';
import { strings } from '#ui';
import { call } from '../api.ts';
import { CameraForm } from './camera-form.tsx';
import { RemoveCamera } from './remove-camera.tsx';
import { toFields, toPatch, type SourceFields } from './source-values.ts';

const words = strings.form;

/** Changes a camera: name, pause, address, cap; or takes it away. */
export function EditCamera({ camera: shown, onClose }: { camera: Camera; onClose: () => void }) {
  // The camera as it was when the dialog opened: what arrives meanwhile must not move the fields.
  const [camera] = useState(shown);
  const [paused, setPaused] = useState(camera.paused);
  const [plan, setPlan] = useState(() => toPlan(camera));
  const [removing, setRemoving] = useState(false);
  const client = useQueryClient();
  const edit = useMutation({
    mutationFn: (fields: SourceFields) => {
      const body = {
        ...toPatch(camera, fields),
        ...(paused === camera.paused ? {} : { paused }),
        ...(JSON.stringify(plan) === JSON.stringify(toPlan(camera)) ? {} : { recording: plan }),
      };
      return call('patchCamera', { params: { id: camera.id }, body });
    },
    onSuccess: async () => {
      await client.invalidateQueries();
      notifications.show({ message: words.saved, color: 'teal' });
      onClose();
    },
  });
  if (removing) return <RemoveCamera camera={camera} onClose={() => setRemoving(false)} />;
  return (
    <CameraForm
      title={words.editTitle}
      start={toFields(camera)}
      changes={camera}
      complete={(fields) => fields.name.trim() !== '' && fields.url.trim() !== ''}
      save={edit}
      saveLabel={words.saveChanges}
      saveAnywayLabel={words.saveChangesAnyway}
      onClose={onClose}
      header={
        <Switch
          label={words.pause}
          description={words.pauseNote}
          checked={paused}
          onChange={({ currentTarget }) => setPaused(currentTarget.checked)}
        />
      }
      more={<RecordingFieldset plan={plan} hasSub={camera.subUrl !== undefined} onChange={setPlan} />}
      footer={
        <>
          <Divider />
          <Button variant="subtle" color="red" leftSection={<IconTrash size={18} />} onClick={() => setRemoving(true)}>
            {words.remove}
          </Button>
        </>
      }
    />
  );
}
