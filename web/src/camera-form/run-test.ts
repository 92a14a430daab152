import type { SourceTest } from '@porchlight/contract/camera';
import type { CameraId } from '@porchlight/contract/ids';
import { ApiFailure, call } from '../api.ts';
import { strings } from '#ui';
import { toSource, type SourceFields } from './source-values.ts';

const pollMs = 700;

/**
 * Has the agent connect to a source, for a camera with the password that is stored when none is typed. Where the hub cannot
 * wait that long it names a command, which is asked until it is done.
 */
export async function runTest(fields: SourceFields, camera?: CameraId): Promise<SourceTest> {
  const body = { ...toSource(fields), ...(camera === undefined ? {} : { cameraId: camera }) };
  const first: unknown = await call('testSource', { body });
  if (!isWaiting(first)) return first as SourceTest;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, pollMs));
    const { state, answer } = await call('getCommand', { params: { id: first.id } });
    if (state === 'done') return answer as SourceTest;
    if (state === 'failed') throw new ApiFailure(502, toError(answer));
    if (state === 'expired') throw new ApiFailure(504, { kind: 'unavailable', ...strings.form.testLate });
  }
}

function isWaiting(value: unknown): value is { id: string } {
  return typeof value === 'object' && value !== null && 'state' in value && 'id' in value;
}

function toError(answer: unknown): ApiFailure['error'] {
  const isError = typeof answer === 'object' && answer !== null && 'kind' in answer && 'message' in answer;
  return isError ? (answer as ApiFailure['error']) : { kind: 'internal', message: strings.errors.title };
}
