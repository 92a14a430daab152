import type { Camera } from '@porchlight/contract/camera';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useCameras, useStorage } from '#data';
import { strings } from '#ui';
import { call } from '../api.ts';
import { toOutlookDays, toPatch, type KeepingFields, type Limits } from './keeping-values.ts';

/** Saves limits; what the house refuses changes nothing. */
export function useSaveLimits(camera: Camera, onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (fields: KeepingFields) => call('patchCamera', { params: { id: camera.id }, body: toPatch(fields) }),
    onSuccess: async () => {
      await client.invalidateQueries();
      notifications.show({ message: strings.keeping.saved, color: 'teal' });
      onDone();
    },
  });
}

/** The budget of every camera, and for how long this one would last with other limits. */
export function useHouseLimits(camera: Camera) {
  const storage = useStorage().data?.find(({ agentId }) => agentId === camera.agentId);
  const cameras = useCameras().data;
  return {
    budget: storage?.config.budget,
    toDays: (limits: Limits): number | undefined =>
      storage && cameras ? toOutlookDays(camera.id, limits, { storage, cameras }) : undefined,
  };
}
