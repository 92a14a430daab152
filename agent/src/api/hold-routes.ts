import { Hono } from 'hono';
import { HouseError } from '@porchlight/base/errors';
import { cameraIdSchema, type CameraId } from '@porchlight/contract/ids';
import { addHoldSchema, holdIdSchema, type Hold } from '@porchlight/contract/storage';
import type { AgentRoutes } from './app.ts';

/** What these routes answer from. Its calls throw `HouseError`. */
export type HoldSource = {
  list(camera: CameraId): readonly Hold[];
  add(camera: CameraId, wish: { readonly fromMs: number; readonly toMs: number; readonly note: string }): Hold;
  release(camera: CameraId, id: string): void;
};

const maxBodyChars = 4096;

/** Spans that somebody wants kept: listed, held, released. */
export function holdRoutes(holds: HoldSource): AgentRoutes {
  const routes: AgentRoutes = new Hono();
  routes.get('/api/cameras/:id/holds', (context) => {
    const camera = cameraIdSchema.parse(context.req.param('id'));
    return context.json({ holds: holds.list(camera) }, 200, { 'cache-control': 'no-store' });
  });
  routes.post('/api/cameras/:id/holds', async (context) => {
    const camera = cameraIdSchema.parse(context.req.param('id'));
    const wish = addHoldSchema.safeParse(parseJson(await context.req.text()));
    if (!wish.success) {
      const issue = wish.error.issues[0];
      throw new HouseError('invalid', `${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'not a span'}`, {
        fix: 'Send JSON such as {"fromMs":…,"toMs":…,"note":"…"}.',
      });
    }
    return context.json(holds.add(camera, wish.data), 201);
  });
  routes.delete('/api/cameras/:id/holds/:hold', (context) => {
    const camera = cameraIdSchema.parse(context.req.param('id'));
    const hold = holdIdSchema.safeParse(context.req.param('hold'));
    if (!hold.success) throw new HouseError('not-found', 'There is no such hold', { fix: 'List the holds.' });
    holds.release(camera, hold.data);
    return context.body(null, 204);
  });
  return routes;
}

function parseJson(text: string): unknown {
  if (text.length > maxBodyChars) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
