import type { Camera } from '@porchlight/contract/camera';
import type { ListedEvent } from '@porchlight/contract/events';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api.ts';
import { eventsQuery } from '#data';
import { strings } from '#ui';

/** Events of a span, newest first; asked for again and again while the span holds now. */
export function useEvents(camera: string, span: { fromMs: number; toMs: number }, nowMs: number) {
  const growing = nowMs >= span.fromMs && nowMs < span.toMs;
  const { data, error, refetch } = useQuery(eventsQuery(camera, { ...span, growing }));
  return { events: data?.events, failure: data ? null : error, retry: () => void refetch() };
}

/** Recording by hand: what goes on of it, and how it is begun and ended. */
export function useRecordNow(camera: Camera, events: readonly ListedEvent[] | undefined) {
  const client = useQueryClient();
  const [ended, setEnded] = useState<ReadonlySet<string>>(new Set());
  const [begun, setBegun] = useState<{ id: string; atMs: number }>();
  const again = () => client.invalidateQueries({ queryKey: ['events', camera.id] });
  const begin = useMutation({
    mutationFn: () => call('addTrigger', { params: { id: camera.id }, body: { kind: 'manual', lasting: true } }),
    onSuccess: async ({ event, recording, message }) => {
      setBegun({ id: event.id, atMs: Date.now() });
      if (!recording && message !== undefined) notifications.show({ message, color: 'orange' });
      await again();
    },
    onError: ({ message }) => notifications.show({ title: strings.events.notNow, message, color: 'red' }),
  });
  const end = useMutation({
    mutationFn: (id: string) => call('endTrigger', { params: { id: camera.id, event: id } }),
    onSettled: async (_answer, _failure, id) => {
      setEnded((before) => new Set([...before, id]));
      setBegun(undefined);
      await again();
    },
  });
  // After the page was loaded again, what somebody began by hand can still be ended.
  const listed = events?.find(({ id, kind, open }) => open && kind === 'manual' && !ended.has(id));
  const over = begun && events?.some(({ id, open }) => id === begun.id && !open);
  const going = begun && !over ? begun : listed && { id: listed.id, atMs: listed.atMs };
  return {
    going,
    busy: begin.isPending || end.isPending,
    begin: () => begin.mutate(),
    end: () => going && end.mutate(going.id),
  };
}
