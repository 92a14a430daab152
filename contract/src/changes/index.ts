/** What the hub tells an open page. Out: schema of one message on the `/api/changes` WebSocket. */
import { z } from 'zod';
import { cameraIdSchema } from '#ids';

/** `cameras`: the list changed, read it again. `camera`: this one's state or figures changed. `alarms`: one began, ended or was seen. `storage`: a disk or a budget changed. `events`: one of this camera's began, grew or ended. */
export const changeSchema = z.discriminatedUnion('topic', [
  z.object({ topic: z.literal('cameras') }),
  z.object({ topic: z.literal('camera'), id: cameraIdSchema }),
  z.object({ topic: z.literal('alarms') }),
  z.object({ topic: z.literal('storage') }),
  z.object({ topic: z.literal('events'), id: cameraIdSchema }),
]);
export type Change = z.infer<typeof changeSchema>;
