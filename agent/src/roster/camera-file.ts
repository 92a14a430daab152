import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { AgentCamera } from '#link';
import { HouseError } from '@porchlight/base/errors';
import { cameraConfigSchema, credentialsSchema } from '@porchlight/contract/agent';
import { toSourceKind } from './to-line-config.ts';

const { name, transport, sourceKind, paused, createdMs } = cameraConfigSchema.shape;
const fileSchema = z.array(
  cameraConfigSchema.omit({ sealedCredentials: true }).extend({
    name: name.default(''),
    transport: transport.default('auto'),
    sourceKind: sourceKind.optional(),
    paused: paused.default(false),
    createdMs: createdMs.optional(),
    credentials: credentialsSchema.optional(),
  }),
);

/**
 * Cameras from a JSON file, for an agent without a hub: `CameraConfig[]`, of which `id` and `url` are enough, with
 * `credentials: {username,password}` in plain. Throws `HouseError` invalid with words.
 */
export function readCameraFile(path: string, nowMs: number): AgentCamera[] {
  const parsed = fileSchema.safeParse(readJson(path));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue?.path.join('.') ?? '';
    throw new HouseError('invalid', `${path}: ${where}: ${issue?.message ?? 'not a list of cameras'}`);
  }
  return parsed.data.map(({ credentials, capBytes, subUrl, recording, ...given }) => ({
    ...given,
    name: given.name || given.id,
    sourceKind: given.sourceKind ?? toSourceKind(given.url),
    createdMs: given.createdMs ?? nowMs,
    ...(credentials ? { credentials } : {}),
    ...(capBytes === undefined ? {} : { capBytes }),
    ...(recording === undefined ? {} : { recording }),
    ...(subUrl === undefined ? {} : { subUrl }),
  }));
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new HouseError('invalid', `${path} cannot be read as JSON: name a file with a list of cameras.`, { cause });
  }
}
