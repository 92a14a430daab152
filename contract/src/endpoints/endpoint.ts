import { z } from 'zod';
import { cameraIdSchema, wallMsSchema } from '#ids';
import type { MediaAction } from '#media-grant';

/** Who may call: anyone, a signed-in person, a person whose grant on the camera covers the action, or a metrics reader. */
export type Access = 'open' | 'session' | 'metrics' | MediaAction;

/** One HTTP endpoint. `at: 'agent'` routes are answered by the agent; the one-box hub streams them through unparsed. */
export type Endpoint = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With `{name}` path parameters, as OpenAPI writes them. */
  readonly path: string;
  readonly at: 'hub' | 'agent';
  readonly access: Access;
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject;
  /** Media type of a body that is not JSON. */
  readonly bodyType?: string;
  /** Success status. */
  readonly status: number;
  /** JSON answer; absent when `responseType` names another media type or there is no body. */
  readonly response?: z.ZodType;
  readonly responseType?: string;
};

export const cameraParams = z.object({ id: cameraIdSchema });
export const queryMs = z.coerce.number().pipe(wallMsSchema);
export const spanQuery = z.object({ from: queryMs, to: queryMs });
