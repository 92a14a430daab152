import { endpoints, type Endpoint } from '@porchlight/contract/endpoints';
import { cameraIdSchema, type CameraId } from '@porchlight/contract/ids';
import { mediaActionSchema, type MediaAction } from '@porchlight/contract/media-grant';

/** An endpoint of the agent as a request names it. `camera` is undefined where its path names none. */
export type FoundEndpoint = {
  readonly endpoint: Endpoint;
  readonly camera: CameraId | undefined;
  readonly action: MediaAction;
};

type Pattern = { readonly endpoint: Endpoint; readonly action: MediaAction; readonly path: RegExp };

const patterns: readonly Pattern[] = Object.values<Endpoint>(endpoints).flatMap((endpoint) => {
  const action = mediaActionSchema.safeParse(endpoint.access);
  if (endpoint.at !== 'agent' || !action.success) return [];
  const path = endpoint.path
    .replaceAll('.', '\\.')
    .replace('{id}', '(?<id>[^/]+)')
    .replaceAll(/\{\w+\}/g, '[^/]+');
  return [{ endpoint, action: action.data, path: new RegExp(`^${path}$`) }];
});

/** The contract's endpoint for a method and path; undefined for anything that the agent does not answer. */
export function findEndpoint(method: string, path: string): FoundEndpoint | undefined {
  const wanted = method === 'HEAD' ? 'GET' : method;
  for (const pattern of patterns) {
    if (pattern.endpoint.method !== wanted) continue;
    const matched = pattern.path.exec(path);
    if (matched === null) continue;
    if (matched.groups === undefined) return { endpoint: pattern.endpoint, camera: undefined, action: pattern.action };
    const camera = cameraIdSchema.safeParse(matched.groups['id']);
    if (camera.success) return { endpoint: pattern.endpoint, camera: camera.data, action: pattern.action };
  }
  return undefined;
}
