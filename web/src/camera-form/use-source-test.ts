import type { CameraId } from '@porchlight/contract/ids';
import { useMutation } from '@tanstack/react-query';
import { runTest } from './run-test.ts';
import { toTestKey, type SourceFields } from './source-values.ts';

/** A live test of the source, and whether its result still belongs to what is typed. */
export function useSourceTest(fields: SourceFields, camera?: CameraId) {
  const test = useMutation({ mutationFn: (tested: SourceFields) => runTest(tested, camera) });
  const fresh = test.variables !== undefined && toTestKey(test.variables) === toTestKey(fields);
  return {
    run: () => test.mutate(fields),
    pending: test.isPending,
    result: fresh ? test.data : undefined,
    failure: fresh ? test.error : null,
    stale: !fresh && test.data !== undefined,
  };
}

export type SourceTesting = ReturnType<typeof useSourceTest>;
