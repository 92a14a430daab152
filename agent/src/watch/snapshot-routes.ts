import { Hono, type Env } from 'hono';
import { streamNameSchema } from '@porchlight/contract/camera';
import { cameraIdSchema } from '@porchlight/contract/ids';
import type { Snapshots } from './snapshots.ts';

/** `GET /api/cameras/{id}/snapshot.jpg?stream=`: the newest key frame; `Porchlight-Wall-Ms` says when it was. Errors are thrown. */
export function snapshotRoutes<E extends Env = Env>(snapshots: Snapshots): Hono<E> {
  const routes = new Hono<E>();
  routes.get('/api/cameras/:id/snapshot.jpg', async (context) => {
    const camera = cameraIdSchema.parse(context.req.param('id'));
    const stream = streamNameSchema.catch('main').parse(context.req.query('stream'));
    const { jpeg, wallMs } = await snapshots.get(camera, stream);
    return context.body(new Uint8Array(jpeg), 200, {
      'content-type': 'image/jpeg',
      'cache-control': 'private, no-store',
      'porchlight-wall-ms': String(wallMs),
    });
  });
  return routes;
}
