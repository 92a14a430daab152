/** Typed client of the hub's API. In: endpoint name and its request. Out: its JSON answer, or a thrown `ApiFailure`. */
import type { EndpointName, RequestOf, ResponseOf, endpoints } from '@porchlight/contract/endpoints';
import type { ApiError } from '@porchlight/contract/errors';
import { strings } from '#ui';

type Route<Name extends EndpointName> = `${(typeof endpoints)[Name]['method']} ${(typeof endpoints)[Name]['path']}`;

/** Method and path of every endpoint. The types hold it to the contract; the schemas stay out of the bundle. */
const routes: { readonly [Name in EndpointName]: Route<Name> } = {
  getHealth: 'GET /api/health',
  getOpenApi: 'GET /api/openapi.json',
  setup: 'POST /api/setup',
  signIn: 'POST /api/session',
  getSession: 'GET /api/session',
  signOut: 'DELETE /api/session',
  getChanges: 'GET /api/changes',
  listCameras: 'GET /api/cameras',
  addCamera: 'POST /api/cameras',
  testSource: 'POST /api/cameras/test',
  getCamera: 'GET /api/cameras/{id}',
  patchCamera: 'PATCH /api/cameras/{id}',
  removeCamera: 'DELETE /api/cameras/{id}',
  getCommand: 'GET /api/commands/{id}',
  listAlarms: 'GET /api/alarms',
  acknowledgeAlarm: 'POST /api/alarms/{alarm}/acknowledge',
  getCoverage: 'GET /api/cameras/{id}/coverage',
  getRecordings: 'GET /api/cameras/{id}/recordings',
  getPlaylist: 'GET /api/cameras/{id}/hls/index.m3u8',
  getPlaylistPart: 'GET /api/cameras/{id}/hls/{part}',
  getExport: 'GET /api/cameras/{id}/export.mp4',
  getManifest: 'GET /api/cameras/{id}/export.proof.json',
  getProof: 'GET /api/cameras/{id}/proof',
  addExport: 'POST /api/exports',
  listExports: 'GET /api/exports',
  getExportJob: 'GET /api/exports/{export}',
  removeExport: 'DELETE /api/exports/{export}',
  resumeExport: 'POST /api/exports/{export}/resume',
  getExportFile: 'GET /api/exports/{export}/files/{file}',
  getKeyFrame: 'GET /api/cameras/{id}/keyframe.mp4',
  addTrigger: 'POST /api/cameras/{id}/triggers',
  endTrigger: 'POST /api/cameras/{id}/triggers/{event}/end',
  getEvents: 'GET /api/cameras/{id}/events',
  getSnapshot: 'GET /api/cameras/{id}/snapshot.jpg',
  openWhep: 'POST /api/cameras/{id}/whep',
  closeWhep: 'DELETE /api/cameras/{id}/whep/{lease}',
  openMse: 'GET /api/cameras/{id}/mse',
  getStorage: 'GET /api/storage',
  changeStorage: 'PATCH /api/storage',
  checkFolder: 'POST /api/storage/check',
  listHolds: 'GET /api/cameras/{id}/holds',
  addHold: 'POST /api/cameras/{id}/holds',
  releaseHold: 'DELETE /api/cameras/{id}/holds/{hold}',
  getMetrics: 'GET /metrics',
};

/** Path parameters, query and body that this endpoint takes, and no others. */
export type Given<Name extends EndpointName> = {
  [Key in keyof RequestOf<Name> as RequestOf<Name>[Key] extends undefined ? never : Key]: RequestOf<Name>[Key];
};

type AnyGiven = {
  params?: Record<string, string>;
  query?: Record<string, string | number | undefined>;
  body?: unknown;
};

/** An answer that is not success. `reached: false` means that the hub itself did not answer. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';
  readonly status: number;
  readonly error: ApiError;
  readonly reached: boolean;

  constructor(status: number, error: ApiError, reached = true) {
    super(error.message);
    this.status = status;
    this.error = error;
    this.reached = reached;
  }
}

/** Address of an endpoint, with parameters and query filled in. */
export function urlOf<Name extends EndpointName>(name: Name, given: Omit<Given<Name>, 'body'>): string {
  const { params = {}, query = {} } = given as AnyGiven;
  const path = routes[name]
    .slice(routes[name].indexOf(' ') + 1)
    .replace(/\{(\w+)\}/g, (_whole, key: string) => encodeURIComponent(params[key] ?? ''));
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) search.set(key, String(value));
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** The same address for a WebSocket. */
export function socketUrlOf<Name extends EndpointName>(name: Name, given: Omit<Given<Name>, 'body'>): string {
  return new URL(urlOf(name, given), location.href).href.replace(/^http/, 'ws');
}

/** The failure that an answer carries, whatever its body turned out to be. */
export async function toFailure(response: Response): Promise<ApiFailure> {
  const gateway = response.status === 502 || response.status === 504;
  const fallback: ApiError = {
    kind: response.status === 401 ? 'unauthenticated' : response.status === 404 ? 'not-found' : 'internal',
    message: strings.errors.status(response.status),
  };
  const body: unknown = await response.json().catch(() => undefined);
  const isError = typeof body === 'object' && body !== null && 'kind' in body && 'message' in body;
  return new ApiFailure(response.status, isError ? (body as ApiError) : fallback, !gateway || isError);
}

const listeners = new Set<(reached: boolean) => void>();

/** Called after each request with whether the hub answered. */
export function onReach(listener: (reached: boolean) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Calls an endpoint that answers JSON or nothing. */
export async function call<Name extends EndpointName>(
  name: Name,
  given: Given<Name>,
  signal?: AbortSignal,
): Promise<ResponseOf<Name>> {
  const { body } = given as AnyGiven;
  const init: RequestInit = { method: routes[name].slice(0, routes[name].indexOf(' ')) };
  if (signal) init.signal = signal;
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { 'content-type': 'application/json' };
  }
  let response: Response;
  try {
    response = await fetch(urlOf(name, given), init);
  } catch (cause) {
    if (signal?.aborted) throw cause;
    for (const listener of listeners) listener(false);
    throw new ApiFailure(0, { kind: 'unavailable', ...strings.errors.unreachable }, false);
  }
  const failure = response.ok ? undefined : await toFailure(response);
  for (const listener of listeners) listener(failure?.reached ?? true);
  if (failure) throw failure;
  return (response.status === 204 ? undefined : await response.json()) as ResponseOf<Name>;
}
