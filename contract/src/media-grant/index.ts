/** The signed token that opens an agent's media route. Out: claims schema, actions, constants. */
import { z } from 'zod';
import { agentIdSchema, cameraIdSchema, wallMsSchema } from '#ids';

export const mediaActionSchema = z.enum(['live', 'replay', 'export', 'talk', 'ptz', 'trigger', 'hold']);
export type MediaAction = z.infer<typeof mediaActionSchema>;

/** A grant is valid this long, to open; what it opens is a lease. */
export const mediaGrantLifetimeMs = 60_000;
/** JWS algorithm of grants: EdDSA over Ed25519 (RFC 8037). */
export const mediaGrantAlgorithm = 'EdDSA';

/** A grant travels in a header, so it cannot name more. */
export const mostGrantCameras = 200;

/** JWT claims (RFC 7519): `aud` the agent, `sub` the caller; `iat` and `exp` in seconds as the standard has it. */
export const mediaGrantSchema = z.object({
  aud: agentIdSchema,
  sub: z.string(),
  /** Session the lease ends with. */
  sid: z.string(),
  camera: cameraIdSchema,
  /** For endpoints that name no camera in their path: all cameras that it covers. */
  cameras: z.union([z.literal('all'), z.array(cameraIdSchema).max(mostGrantCameras)]).optional(),
  actions: z.array(mediaActionSchema).min(1),
  fromMs: wallMsSchema.optional(),
  toMs: wallMsSchema.optional(),
  iat: z.int(),
  exp: z.int(),
});
export type MediaGrant = z.infer<typeof mediaGrantSchema>;
