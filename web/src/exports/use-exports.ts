import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { RequestOf } from '@porchlight/contract/endpoints';
import { ApiFailure, call } from '../api.ts';

const key = ['exports'];
const busyMs = 1_000;
const idleMs = 15_000;

/** All exports; asked for each second while one is being made. */
export function useExports() {
  return useQuery({
    queryKey: key,
    // A house without cameras has none to export.
    queryFn: async ({ signal }) => {
      try {
        return (await call('listExports', {}, signal)).exports;
      } catch (failure) {
        if (failure instanceof ApiFailure && failure.error.kind === 'not-found') return [];
        throw failure;
      }
    },
    refetchInterval: ({ state }) =>
      state.data?.some((job) => job.state === 'running' || job.state === 'waiting') === true ? busyMs : idleMs,
  });
}

/** Begins, resumes and deletes exports. */
export function useExportActions() {
  const client = useQueryClient();
  const onSettled = () => client.invalidateQueries({ queryKey: key });
  return {
    add: useMutation({ mutationFn: (body: RequestOf<'addExport'>['body']) => call('addExport', { body }), onSettled }),
    resume: useMutation({ mutationFn: (id: string) => call('resumeExport', { params: { export: id } }), onSettled }),
    remove: useMutation({ mutationFn: (id: string) => call('removeExport', { params: { export: id } }), onSettled }),
  };
}
