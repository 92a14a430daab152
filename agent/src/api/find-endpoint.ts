import { endpoints, type Endpoint } from '@porchlight/contract/endpoints';
import { cameraIdSchema, type CameraId } from '@porchlight/contract/ids';
import { mediaActionSchema, type MediaAction } from '@porchlight/contract/media-grant';

/** An endpoint of the agent as a request names it. */
export type FoundEndpoint = { readonly endpoint: Endpoint; readonly camera: CameraId; readonly action: MediaAction };

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
    const camera = cameraIdSchema.safeParse(pattern.path.exec(path)?.groups?.['id']);
    if (camera.success) return { endpoint: pattern.endpoint, camera: camera.data, action: pattern.action };
  }
  return undefined;
}
