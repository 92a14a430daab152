/** The one shape of an error answer. Out: schema of `{kind,message,fix}`. */
import { z } from 'zod';

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
  })
  .meta({ id: 'Error' });

export type ApiError = z.infer<typeof apiErrorSchema>;
