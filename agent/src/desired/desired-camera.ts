import { z } from 'zod';
import type { LineConfig } from '#line';
import type { Credentials } from '#source';
import type { CameraConfig } from '@porchlight/contract/agent';

/** What sealed credentials open to. */
export const credentialsSchema = z.object({ username: z.string().max(128), password: z.string().max(256) });

/** A camera as the hub wants it, and as its line needs it. */
export type DesiredCamera = { readonly config: CameraConfig; readonly line: LineConfig };

/** A camera's configuration with its credentials opened. */
export function toLineConfig(config: CameraConfig, credentials: Credentials | undefined): LineConfig {
  const { id, sourceKind, url, subUrl, transport, paused } = config;
  return {
    id,
    sourceKind,
    url,
    transport,
    paused,
    ...(subUrl === undefined ? {} : { subUrl }),
    ...(credentials ? { credentials } : {}),
  };
}

/** Opens sealed credentials. Throws what `open` throws, and a `TypeError` when they are not credentials. */
export function openCredentials(sealed: string, open: (sealed: string) => Uint8Array): Credentials {
  const parsed = credentialsSchema.safeParse(JSON.parse(Buffer.from(open(sealed)).toString('utf8')));
  if (!parsed.success) throw new TypeError('Expected sealed credentials to hold a user name and a password');
  return parsed.data;
}
