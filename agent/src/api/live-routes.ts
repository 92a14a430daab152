import { Hono } from 'hono';
import type { ShardPool } from '#shard';
import { streamNameSchema } from '@porchlight/contract/camera';
import { liveStartSchema, reachedAtHeader } from '@porchlight/contract/endpoints';
import { cameraIdSchema } from '@porchlight/contract/ids';
import { HouseError } from '@porchlight/base/errors';
import type { AgentRoutes } from './app.ts';

const maxOfferChars = 64 * 1024;

/** WHEP, answered by the shard that has the camera. @see draft-ietf-wish-whep */
export function liveRoutes(pool: Pick<ShardPool, 'ask'>): AgentRoutes {
  const routes: AgentRoutes = new Hono();
  routes.post('/api/cameras/:id/whep', async (context) => {
    const camera = cameraIdSchema.parse(context.req.param('id'));
    const stream = streamNameSchema.catch('main').parse(context.req.query('stream'));
    const start = liveStartSchema.catch('group').parse(context.req.query('start'));
    const offer = await context.req.text();
    if (offer.length > maxOfferChars)
      throw new HouseError('invalid', 'The offer is too large', { fix: 'Send an SDP offer of at most 64 KiB.' });
    const reachedAt = context.req.header(reachedAtHeader) ?? '';
    const request = { camera, stream, start, reachedAt, sid: context.get('sid') };
    const answer = await pool.ask(camera, 'open-whep', { ...request, offer });
    if (answer.status !== 201) return context.json(answer.error, answer.status);
    return context.body(answer.sdp, 201, {
      'content-type': 'application/sdp',
      location: `/api/cameras/${camera}/whep/${answer.leaseId}`,
      'porchlight-audio': answer.audio,
    });
  });
  routes.delete('/api/cameras/:id/whep/:lease', async (context) => {
    const camera = cameraIdSchema.parse(context.req.param('id'));
    const lease = context.req.param('lease');
    if (!(await pool.ask(camera, 'close-lease', { lease, sid: context.get('sid') })))
      throw new HouseError('not-found', 'There is no such live session (any more)');
    return context.body(null, 200);
  });
  routes.get('/api/cameras/:id/mse', () => {
    throw new HouseError('invalid', 'Live view by MSE is a WebSocket', { fix: 'Connect with a WebSocket client.' });
  });
  return routes;
}
