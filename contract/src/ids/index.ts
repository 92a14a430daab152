/** Branded identifiers. In: strings. Out: zod schemas and types. Promises: an id is safe in a path, a topic and a file name. */
import { z } from 'zod';

const idPattern = /^[a-z0-9][a-z0-9_-]{0,62}$/;
const id = (what: string) => z.string().regex(idPattern, `Expected ${what} of lower-case letters, digits, - and _`);

export const cameraIdSchema = id('a camera id').brand<'CameraId'>();
export const agentIdSchema = id('an agent id').brand<'AgentId'>();
export const userIdSchema = z.string().min(1).max(64).brand<'UserId'>();
export const commandIdSchema = id('a command id').brand<'CommandId'>();

export type CameraId = z.infer<typeof cameraIdSchema>;
export type AgentId = z.infer<typeof agentIdSchema>;
export type UserId = z.infer<typeof userIdSchema>;
export type CommandId = z.infer<typeof commandIdSchema>;

/** Integer milliseconds UTC since 1970. */
export const wallMsSchema = z.int().min(0).max(8.64e15);
