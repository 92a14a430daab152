import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { readSecretFile, writeSecretFile } from '@porchlight/base/secrets';
import { claimSchema } from '@porchlight/contract/agent';
import { agentIdSchema } from '@porchlight/contract/ids';

const identitySchema = claimSchema.omit({ template: true }).extend({ agentId: agentIdSchema });

/** Who this agent is to its hub: its name, key and certificate, and where the hub's broker is. */
export type DeviceIdentity = ReturnType<typeof identitySchema.parse>;

/** The identity kept in `device.json`, and the serial number that stays when the identity changes. */
export function openDeviceIdentity(folder: string) {
  const path = join(folder, 'device.json');
  const serialPath = join(folder, 'serial');
  let current = parse(readSecretFile(path));
  let serial = readSecretFile(serialPath)?.trim() ?? '';
  if (serial === '') {
    serial = randomUUID();
    writeSecretFile(serialPath, `${serial}\n`);
  }
  return {
    serial,
    get current(): DeviceIdentity | undefined {
      return current;
    },
    keep(identity: DeviceIdentity): void {
      writeSecretFile(path, `${JSON.stringify(identity)}\n`);
      current = identity;
    },
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
