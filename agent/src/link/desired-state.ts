import { join } from 'node:path';
import { HouseError } from '@porchlight/base/errors';
import type { Log } from '@porchlight/base/log';
import { readSecretFile, writeSecretFile, type SealingKey } from '@porchlight/base/secrets';
import {
  credentialsSchema,
  desiredSchema,
  type CameraConfig,
  type Credentials,
  type Desired,
} from '@porchlight/contract/agent';
import { agentIdSchema, type AgentId } from '@porchlight/contract/ids';
import type { DesiredState } from './link.ts';

const partSchema = desiredSchema.shape.body;
type Part = Desired['body'];
const storedSchema = partSchema.omit({ part: true, parts: true }).extend({ agentId: agentIdSchema });
type Stored = ReturnType<typeof storedSchema.parse>;

/** A camera with its credentials opened. `{password}` in its addresses is replaced. Never to be written or logged. */
export type AgentCamera = Omit<CameraConfig, 'sealedCredentials'> & {
  readonly credentials?: Credentials;
  /** The credentials are sealed to another key: the owner must give them again. */
  readonly credentialsLost?: true;
};

export type DesiredStateOptions = {
  readonly folder: string;
  readonly log: Log;
  readonly sealingKey: SealingKey;
  agentId(): AgentId | undefined;
  onDesired(desired: DesiredState): void;
};

/**
 * What the hub wants, kept in `desired.json` (mode 0600, credentials still sealed) and handed on at once from there, so that recording starts
 * without a hub. Newer revisions are applied when all their parts are here.
 */
export function openDesiredState(options: DesiredStateOptions) {
  const path = join(options.folder, 'desired.json');
  const parts = new Map<number, Part>();
  let stored = parseStored(readSecretFile(path), options.log);

  const openCredentials = (sealed: string): Credentials => {
    const text = new TextDecoder().decode(options.sealingKey.open(sealed));
    try {
      return credentialsSchema.parse(JSON.parse(text));
    } catch {
      throw new HouseError('corrupt', 'What was sealed is no user name and password', { fix: 'Give them again.' });
    }
  };
  const apply = (state: Stored): void => {
    const { cameras, agentId, revision, grantKeys, storage } = state;
    options.onDesired({
      revision,
      agentId,
      cameras: cameras.map((camera) => openCamera(camera, openCredentials, options.log)),
      grantKeys,
      ...(storage === undefined ? {} : { storage }),
    });
  };
  if (stored) apply(stored);

  return {
    openCredentials,
    get revision(): number {
      return stored?.revision ?? 0;
    },
    /** Takes one message; bad and old ones are dropped. */
    take(payload: Uint8Array): void {
      const parsed = desiredSchema.safeParse(parseJson(payload));
      const agentId = options.agentId();
      if (!parsed.success || agentId === undefined) {
        options.log.warn('dropped a configuration that makes no sense', { sizeBytes: payload.length });
        return;
      }
      const { body } = parsed.data;
      const complete = collect(parts, body, stored?.revision ?? -1);
      if (!complete) return;
      stored = { ...complete, agentId };
      writeSecretFile(path, `${JSON.stringify(stored)}\n`);
      apply(stored);
    },
  };
}

/** The whole of a revision once its last missing part is here. Parts of an older revision are let go. */
function collect(parts: Map<number, Part>, body: Part, known: number): Omit<Stored, 'agentId'> | undefined {
  if (body.revision <= known || body.part >= body.parts) return undefined;
  const collecting = parts.values().next().value;
  if (collecting && collecting.revision > body.revision) return undefined;
  if (collecting && (collecting.revision < body.revision || collecting.parts !== body.parts)) parts.clear();
  parts.set(body.part, body);
  if (parts.size < body.parts) return undefined;
  const cameras = Array.from({ length: body.parts }, (_, index) => parts.get(index)?.cameras ?? []).flat();
  parts.clear();
  const { revision, grantKeys, storage } = body;
  return { revision, cameras, grantKeys, ...(storage === undefined ? {} : { storage }) };
}

function openCamera(camera: CameraConfig, open: (sealed: string) => Credentials, log: Log): AgentCamera {
  const { sealedCredentials, ...plain } = camera;
  if (sealedCredentials === undefined) return plain;
  try {
    const credentials = open(sealedCredentials);
    const subUrl = plain.subUrl === undefined ? {} : { subUrl: putBack(plain.subUrl, credentials.password) };
    return { ...plain, url: putBack(plain.url, credentials.password), ...subUrl, credentials };
  } catch {
    log.warn('the credentials of a camera do not open', { camera: camera.id });
    return { ...plain, credentialsLost: true };
  }
}

/** Puts a password back where an address has `{password}`. */
export function putBack(url: string, password: string): string {
  return url.replaceAll('{password}', () => encodeURIComponent(password));
}

function parseStored(text: string | undefined, log: Log): Stored | undefined {
  if (text === undefined) return undefined;
  const parsed = storedSchema.safeParse(parseJson(Buffer.from(text)));
  if (!parsed.success) log.error('desired.json is damaged: waiting for the hub to send it again');
  return parsed.data;
}

function parseJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload)) as unknown;
  } catch {
    return undefined;
  }
}
