import type { Hold } from '@porchlight/contract/storage';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { notifications } from '@mantine/notifications';
import { useMemo } from 'react';
import { holdsQuery, storageQuery } from '#data';
import { strings } from '#ui';
import { call } from '../api.ts';
import { toNewestFirst } from './hold-values.ts';

/** What is kept of a camera for good, the newest footage first. */
export function useHolds(camera: string) {
  const { data, error, refetch } = useQuery(holdsQuery(camera));
  const holds = useMemo(() => data && toNewestFirst(data), [data]);
  return { holds, failure: data ? null : error, retry: () => void refetch() };
}

export type Holding = ReturnType<typeof useHolds>;

/** What to keep, and why. */
export type HoldWish = { readonly fromMs: number; readonly toMs: number; readonly note: string };

function useAgain(camera: string): () => Promise<unknown> {
  const client = useQueryClient();
  return () =>
    Promise.all(
      [holdsQuery(camera).queryKey, ['camera', camera], storageQuery.queryKey].map((queryKey) =>
        client.invalidateQueries({ queryKey }),
      ),
    );
}

/** Keeps a span for good. */
export function useKeep(camera: string, onDone: () => void) {
  const again = useAgain(camera);
  return useMutation({
    mutationFn: ({ fromMs, toMs, note }: HoldWish) =>
      call('addHold', {
        params: { id: camera },
        body: { fromMs: Math.round(fromMs), toMs: Math.round(toMs), note: note.trim() },
      }),
    onSuccess: async () => {
      await again();
      notifications.show({ message: strings.holds.done, color: 'teal' });
      onDone();
    },
  });
}

/** Lets a span go. One that somebody else has released meanwhile is gone all the same: the list is read again either way. */
export function useRelease(camera: string, onDone: () => void) {
  const again = useAgain(camera);
  return useMutation({
    mutationFn: ({ id }: Hold) => call('releaseHold', { params: { id: camera, hold: id } }),
    onSuccess: () => {
      notifications.show({ message: strings.holds.released, color: 'gray' });
      onDone();
    },
    onSettled: again,
  });
}
