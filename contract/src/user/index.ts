/** People: first run, sign-in, who am I. Out: schemas and types. */
import { z } from 'zod';
import { userIdSchema } from '#ids';

const emailSchema = z.email('Give an e-mail address, such as you@example.org').max(254);
const passwordSchema = z.string().min(10, 'A password has at least 10 characters').max(200);

export const setupSchema = z
  .object({
    token: z.string().min(1, 'Open the set-up link that the start command printed'),
    email: emailSchema,
    password: passwordSchema,
    name: z.string().trim().min(1, 'Give your name').max(80),
  })
  .meta({ id: 'Setup' });

export const signInSchema = z
  .object({ email: emailSchema, password: z.string().min(1).max(200) })
  .meta({ id: 'SignIn' });

export const userSchema = z
  .object({ id: userIdSchema, email: z.string(), name: z.string(), role: z.enum(['owner']) })
  .meta({ id: 'User' });

/** `setupNeeded` is true until the first account exists. */
export const sessionSchema = z
  .object({ user: userSchema.optional(), setupNeeded: z.boolean() })
  .meta({ id: 'Session' });

export type Setup = z.infer<typeof setupSchema>;
export type SignIn = z.infer<typeof signInSchema>;
export type User = z.infer<typeof userSchema>;
export type Session = z.infer<typeof sessionSchema>;
