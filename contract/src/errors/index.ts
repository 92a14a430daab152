/** The one shape of an error answer. Out: schema of `{kind,message,fix}`. */
import { z } from 'zod';
import { agentIdSchema } from '#ids';

export const errorKindSchema = z.enum([
  'invalid',
  'unauthenticated',
  'forbidden',
  'not-found',
  'conflict',
  'unavailable',
  'corrupt',
  'internal',
]);

/** `message` says what happened, `fix` what the reader can do. `reason` is a stable word for programs. */
export const apiErrorSchema = z
  .object({
    kind: errorKindSchema,
    message: z.string(),
    fix: z.string().optional(),
    reason: z.string().optional(),
    /** With 421: the agent that answers this; reach it by signaling instead of through this address. */
    connect: z.object({ agent: agentIdSchema }).optional(),
  })
  .meta({ id: 'Error' });

export type ApiError = z.infer<typeof apiErrorSchema>;
