import type { Log } from '@porchlight/base/log';
import { addCameraSchema, type AddCamera } from '@porchlight/contract/camera';
import type { AgentId } from '@porchlight/contract/ids';
import type { Provisioning } from '#provisioning';
import { parseSourceAddress, type Roster } from '#roster';

export type SupervisorMessagesOptions = {
  readonly roster: Roster;
  readonly provisioning: Provisioning;
  readonly localAgent: AgentId;
  readonly brokerUrl: string;
  readonly log: Log;
};

const demo = { name: 'Demo street', url: 'demo:street', subUrl: 'demo:street-sub', capBytes: 2_000_000_000 };
const commandLine = 'command line';

/** Does what the supervisor asks over the pipe, one after the other; gives the answer to send back, if any. Never throws. */
export function openSupervisorMessages(options: SupervisorMessagesOptions) {
  let last: Promise<unknown> = Promise.resolve();
  return (message: unknown): Promise<object | undefined> => {
    const answer = last
      .then(() => take(options, message))
      .catch((error: unknown) => {
        options.log.error('could not do what the supervisor asked', { error });
        return undefined;
      });
    last = answer;
    return answer;
  };
}

async function take(options: SupervisorMessagesOptions, message: unknown): Promise<object | undefined> {
  const { kind, ...fields } = message as { kind?: unknown } & Record<string, unknown>;
  switch (kind) {
    case 'claim': {
      const claim = await options.provisioning.makeClaim(options.localAgent);
      return { kind: 'claim', id: fields['id'], claim: { ...claim, brokerUrl: options.brokerUrl } };
    }
    case 'add-camera':
      await ensureCamera(options, addCameraSchema.parse(fields), commandLine);
      return undefined;
    case 'ensure-demo':
      if (!(await options.roster.everHadCamera())) {
        await options.roster.add({ ...demo, transport: 'auto' }, commandLine);
      }
      return undefined;
    default:
      options.log.warn('the supervisor asked something unknown', { kind: String(kind) });
      return undefined;
  }
}

/** Adds a camera unless one with this address is there; another name then renames nothing: the owner may have done that. */
async function ensureCamera({ roster }: SupervisorMessagesOptions, wish: AddCamera, createdBy: string): Promise<void> {
  const { url } = parseSourceAddress(wish.url);
  const cameras = await roster.list();
  if (!cameras.some((camera) => camera.url === url)) await roster.add(wish, createdBy);
}
