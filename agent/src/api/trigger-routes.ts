import { Hono } from 'hono';
import type { ShardPool } from '#shard';
import { HouseError } from '@porchlight/base/errors';
import { eventIdSchema, triggerSchema, type ListedEvent } from '@porchlight/contract/events';
import { endpoints } from '@porchlight/contract/endpoints';
import { cameraIdSchema, type CameraId } from '@porchlight/contract/ids';
import type { AgentRoutes } from './app.ts';

/** What these routes answer from. */
export type TriggerSources = {
  readonly pool: Pick<ShardPool, 'ask'>;
  readonly listEvents: (camera: CameraId, span: { readonly fromMs: number; readonly toMs: number }) => ListedEvent[];
};

const maxBodyChars = 8 * 1024;
const mostDays = 400;

/** Triggers, answered by the shard that has the camera, and the events that came of them. */
export function triggerRoutes({ pool, listEvents }: TriggerSources): AgentRoutes {
  const routes: AgentRoutes = new Hono();
  routes.post('/api/cameras/:id/triggers', async (context) => {
    const camera = cameraIdSchema.parse(context.req.param('id'));
    const trigger = triggerSchema.safeParse(parseJson(await context.req.text()));
    if (!trigger.success) {
      const issue = trigger.error.issues[0];
      throw new HouseError('invalid', `${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'not a trigger'}`, {
        fix: 'Send JSON such as {"kind":"motion"}.',
      });
    }
    return context.json(await pool.ask(camera, 'trigger', { camera, trigger: trigger.data }), 201);
  });
  routes.post('/api/cameras/:id/triggers/:event/end', async (context) => {
    const camera = cameraIdSchema.parse(context.req.param('id'));
    const event = eventIdSchema.safeParse(context.req.param('event'));
    if (!event.success) throw new HouseError('not-found', 'There is no such event', { fix: 'List the events.' });
    return context.json(await pool.ask(camera, 'end-trigger', { camera, event: event.data }), 200);
  });
  routes.get('/api/cameras/:id/events', (context) => {
    const camera = cameraIdSchema.parse(context.req.param('id'));
    const query = endpoints.getEvents.query.safeParse(context.req.query());
    if (!query.success || query.data.from >= query.data.to || query.data.to - query.data.from > mostDays * 86_400_000)
      throw new HouseError('invalid', 'Expected `from` and `to` in milliseconds UTC, in this order', {
        fix: `Give ?from=&to=, at most ${mostDays} days apart.`,
      });
    const { from: fromMs, to: toMs } = query.data;
    return context.json({ events: listEvents(camera, { fromMs, toMs }) }, 200, { 'cache-control': 'no-store' });
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
