import type { QueryClient } from '@tanstack/react-query';
import { call, onReach, socketUrlOf } from '../api.ts';
import { toBackoffMs } from './backoff.ts';
import { sessionQuery } from './queries.ts';

/** Keys of the queries that a change topic makes stale; an unknown topic makes all stale but the session. */
export function toStaleKeys(topic: string): string[] {
  const word = topic.split(/[:/.]/)[0] ?? '';
  if (word === 'storage') return ['storage'];
  if (word.startsWith('camera')) return ['cameras', 'camera'];
  if (word === 'alarms') return ['alarms'];
  if (word === 'events') return ['events'];
  return ['cameras', 'camera', 'recordings', 'alarms'];
}

type Reach = { reached: boolean };
const reach: Reach = { reached: true };
const watchers = new Set<() => void>();

/** For `useSyncExternalStore`: whether the hub answers. */
export const readReached = (): boolean => reach.reached;
export function watchReached(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

function setReached(reached: boolean): void {
  if (reach.reached === reached) return;
  reach.reached = reached;
  for (const watcher of watchers) watcher();
}

/** While the hub is away, asks for its health every two seconds; once back, everything is read again. */
export function watchHouse(client: QueryClient): () => void {
  let timer: ReturnType<typeof setInterval> | undefined;
  const stopHearing = onReach((reached) => {
    setReached(reached);
    if (!reached) {
      timer ??= setInterval(() => void call('getHealth', {}).catch(() => undefined), 2_000);
    } else if (timer !== undefined) {
      clearInterval(timer);
      timer = undefined;
      void client.invalidateQueries();
    }
  });
  return () => {
    clearInterval(timer);
    stopHearing();
  };
}

/** One WebSocket per page that says what changed. Reconnects for ever; after each reconnect everything is read again. */
export function openChanges(client: QueryClient): () => void {
  let socket: WebSocket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let tries = 0;
  let closed = false;
  const connect = (): void => {
    socket = new WebSocket(socketUrlOf('getChanges', {}));
    socket.onopen = () => {
      if (tries > 0) void client.invalidateQueries();
      tries = 0;
    };
    socket.onmessage = ({ data }) => {
      for (const key of toStaleKeys(readTopic(data))) void client.invalidateQueries({ queryKey: [key] });
    };
    socket.onclose = () => {
      if (closed) return;
      timer = setTimeout(connect, toBackoffMs(tries++, { firstMs: 500, mostMs: 10_000, random: Math.random() }));
      if (tries === 2) void client.invalidateQueries({ queryKey: sessionQuery.queryKey });
    };
  };
  connect();
  return () => {
    closed = true;
    clearTimeout(timer);
    socket?.close();
  };
}

function readTopic(data: unknown): string {
  try {
    const message: unknown = JSON.parse(String(data));
    if (typeof message === 'object' && message !== null && 'topic' in message) return String(message.topic);
  } catch {
    return '';
  }
  return '';
}
