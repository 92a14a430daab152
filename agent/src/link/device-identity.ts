import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readSecretFile, writeSecretFile } from '@porchlight/base/secrets';
import { claimSchema } from '@porchlight/contract/agent';
import { agentIdSchema } from '@porchlight/contract/ids';
import { provisioningTemplate } from '@porchlight/contract/topics';

const identitySchema = claimSchema.extend({
  agentId: agentIdSchema,
  template: claimSchema.shape.template.default(provisioningTemplate),
});

/** Who this agent is to its hub: its name, key and certificate, and where the hub's broker is. */
export type DeviceIdentity = ReturnType<typeof identitySchema.parse>;

/** The identity kept in `device.json`, and the serial number that stays when the identity changes. */
export function openDeviceIdentity(folder: string) {
  const path = join(folder, 'device.json');
  const nextPath = join(folder, 'device-next.json');
  const serialPath = join(folder, 'serial');
  let current = parse(readSecretFile(path));
  let next = parse(readSecretFile(nextPath));
  let serial = readSecretFile(serialPath)?.trim() ?? '';
  if (serial === '') {
    serial = randomUUID();
    writeSecretFile(serialPath, `${serial}\n`);
  }
  const dropNext = (): void => {
    rmSync(nextPath, { force: true });
    next = undefined;
  };
  return {
    serial,
    get current(): DeviceIdentity | undefined {
      return current;
    },
    /** A renewed identity that nobody has connected with yet: on disk, so that no crash can lose both. */
    get next(): DeviceIdentity | undefined {
      return next;
    },
    offer(identity: DeviceIdentity): void {
      writeSecretFile(nextPath, `${JSON.stringify(identity)}\n`);
      next = identity;
    },
    /** From now on this is who the agent is; what was offered is over. */
    keep(identity: DeviceIdentity): void {
      writeSecretFile(path, `${JSON.stringify(identity)}\n`);
      current = identity;
      dropNext();
    },
    dropNext,
  };
}

/** A damaged file counts as none: the agent then provisions again. */
function parse(text: string | undefined): DeviceIdentity | undefined {
  try {
    return text === undefined ? undefined : identitySchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
