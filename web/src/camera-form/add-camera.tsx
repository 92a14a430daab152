import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { camerasQuery } from '#data';
import { strings } from '#ui';
import { call } from '../api.ts';
import { CameraForm } from './camera-form.tsx';
import { emptyFields, toNewCamera, toSuggestedName, type SourceFields } from './source-values.ts';

const words = strings.form;

/** Adds a camera: address, a test that shows what it sends, save. */
export function AddCamera({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const add = useMutation({
    mutationFn: (fields: SourceFields) => call('addCamera', { body: toNewCamera(toNamed(fields)) }),
    onSuccess: async (camera) => {
      await client.invalidateQueries({ queryKey: camerasQuery.queryKey });
      notifications.show({ message: words.added(camera.name), color: 'teal' });
      onClose();
    },
  });
  return (
    <CameraForm
      title={words.addTitle}
      start={emptyFields}
      complete={(fields) => fields.url.trim() !== ''}
      save={add}
      saveLabel={words.save}
      saveAnywayLabel={words.saveAnyway}
      onClose={onClose}
    />
  );
}

/** Who gives no name gets one from the address. */
const toNamed = (fields: SourceFields): SourceFields =>
  fields.name.trim() === '' ? { ...fields, name: toSuggestedName(fields.url) } : fields;
