import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { cameraConfigSchema, type CameraConfig } from '@porchlight/contract/agent';
import { HouseError } from '@porchlight/base/errors';
import { credentialsSchema, toLineConfig, type DesiredCamera } from './desired-camera.ts';

const { name, transport, sourceKind, paused, createdMs } = cameraConfigSchema.shape;
const fileSchema = z.array(
  cameraConfigSchema.extend({
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
export function readCameraFile(path: string, nowMs: number): DesiredCamera[] {
  const parsed = fileSchema.safeParse(readJson(path));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new HouseError(
      'invalid',
      `${path}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a list of cameras'}`,
    );
  }
  return parsed.data.map(({ credentials, ...given }) => {
    const config: CameraConfig = {
      ...given,
      name: given.name || given.id,
      sourceKind: given.sourceKind ?? toKind(given.url),
      createdMs: given.createdMs ?? nowMs,
    };
    return { config, line: toLineConfig(config, credentials) };
  });
}

function toKind(url: string): CameraConfig['sourceKind'] {
  if (url.startsWith('demo:')) return 'demo';
  return /^rtsps?:/i.test(url) ? 'rtsp' : 'file';
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new HouseError('invalid', `${path} cannot be read as JSON: name a file with a list of cameras.`, { cause });
  }
}
