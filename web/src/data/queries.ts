import { MutationCache, QueryCache, QueryClient, queryOptions, useQuery } from '@tanstack/react-query';
import { ApiFailure, call } from '../api.ts';

/** Failures that trying again can mend: the hub is away, or an agent is. */
const mayMend = (failure: Error): boolean =>
  failure instanceof ApiFailure && (!failure.reached || failure.error.kind === 'unavailable');

/** Asks every so often, and every five seconds while the last answer was a failure, so that what failed comes back by itself. */
const untilMended =
  (everyMs: number | false) =>
  ({ state }: { readonly state: { readonly error: Error | null } }): number | false =>
    state.error ? 5_000 : everyMs;

/** The client of the page. A session that has ended anywhere leads to sign-in, from where one comes back. */
export function openQueryClient(): QueryClient {
  const onError = (failure: Error): void => {
    if (failure instanceof ApiFailure && failure.error.reason === 'no-session')
      client.setQueryData(sessionQuery.queryKey, { setupNeeded: false });
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (tries, failure) => tries < 2 && mayMend(failure),
        retryDelay: (tries) => 400 * 2 ** tries,
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  });
  return client;
}

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => call('getSession', {}, signal),
  staleTime: 60_000,
});

export const camerasQuery = queryOptions({
  queryKey: ['cameras'],
  queryFn: async ({ signal }) => (await call('listCameras', {}, signal)).cameras,
  refetchInterval: 15_000,
});

/** One camera out of its own endpoint, fresh enough for its bit rate to be read. */
export const cameraQuery = (id: string) =>
  queryOptions({
    queryKey: ['camera', id],
    queryFn: ({ signal }) => call('getCamera', { params: { id } }, signal),
    refetchInterval: 5_000,
  });

/** Alarms that stand. */
export const openAlarmsQuery = queryOptions({
  queryKey: ['alarms', 'open'],
  queryFn: async ({ signal }) => (await call('listAlarms', { query: { open: 'true' } }, signal)).alarms,
  refetchInterval: 30_000,
});

/** The newest alarms, of one camera or all. */
export const alarmsQuery = (camera: string | undefined) =>
  queryOptions({
    queryKey: ['alarms', 'newest', camera ?? ''],
    queryFn: ({ signal }) => call('listAlarms', { query: { camera } }, signal),
  });

/** What is recorded between two times. `growing`: the span holds now, so it is asked again every few seconds. */
export const recordingsQuery = (id: string, span: { fromMs: number; toMs: number; growing: boolean }) =>
  queryOptions({
    queryKey: ['recordings', id, span.fromMs, span.toMs],
    queryFn: ({ signal }) =>
      call('getRecordings', { params: { id }, query: { from: span.fromMs, to: span.toMs } }, signal),
    refetchInterval: untilMended(span.growing ? 5_000 : false),
  });

/** How much of each day of a month is recorded. `growing`: the month holds today. */
export const coverageQuery = (id: string, month: string, growing: boolean) =>
  queryOptions({
    queryKey: ['coverage', id, month],
    queryFn: ({ signal }) => call('getCoverage', { params: { id }, query: { month } }, signal),
    refetchInterval: untilMended(growing ? 60_000 : false),
  });

/** What happened between two times. */
export const eventsQuery = (id: string, span: { fromMs: number; toMs: number; growing: boolean }) =>
  queryOptions({
    queryKey: ['events', id, span.fromMs, span.toMs],
    queryFn: ({ signal }) => call('getEvents', { params: { id }, query: { from: span.fromMs, to: span.toMs } }, signal),
    refetchInterval: untilMended(span.growing ? 5_000 : false),
  });

/** What somebody keeps of a camera for good. */
export const holdsQuery = (id: string) =>
  queryOptions({
    queryKey: ['holds', id],
    queryFn: async ({ signal }) => (await call('listHolds', { params: { id } }, signal)).holds,
    refetchInterval: untilMended(30_000),
  });

/** Where footage is kept and how the disks are, of each agent. */
export const storageQuery = queryOptions({
  queryKey: ['storage'],
  queryFn: async ({ signal }) => (await call('getStorage', {}, signal)).agents,
  refetchInterval: 15_000,
});

export const useStorage = () => useQuery(storageQuery);
export const useSession = () => useQuery(sessionQuery);
export const useCameras = () => useQuery(camerasQuery);
export const useCamera = (id: string) => useQuery(cameraQuery(id));
export const useOpenAlarms = () => useQuery(openAlarmsQuery);
export const useAlarms = (camera: string | undefined) => useQuery(alarmsQuery(camera));
