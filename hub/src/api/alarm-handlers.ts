import type { ApiParts, Call } from './parts.ts';
import type { Handlers } from './handlers.ts';

/** Handlers of alarms. */
export function alarmHandlers({ alarms, identity }: ApiParts): Pick<Handlers, 'listAlarms' | 'acknowledgeAlarm'> {
  const nameOf = async ({ context }: Call<'acknowledgeAlarm'>): Promise<string> =>
    (await identity.findSession(context.req.raw.headers))?.session.user.name ?? 'this machine';
  return {
    listAlarms: ({ query }) =>
      alarms.list({ open: query.open === 'true', fromMs: query.from, toMs: query.to, cameraId: query.camera }),
    acknowledgeAlarm: async (call) => alarms.acknowledge(call.params.alarm, await nameOf(call)),
  };
}
