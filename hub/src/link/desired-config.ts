import type { Clock } from '@porchlight/base/clock';
import type { CameraConfig } from '@porchlight/contract/agent';
import type { AgentId } from '@porchlight/contract/ids';
import { maxPayloadBytes } from '@porchlight/contract/topics';
import type { CameraRow, Store } from '#store';
import type { AgentLink } from './agent-link.ts';
import { writeEnvelope } from './envelope.ts';
import { readStorageConfig } from './storage-settings.ts';

export type DesiredConfigOptions = {
  readonly store: Store;
  readonly link: AgentLink;
  readonly clock: Clock;
  /** Public keys that sign media grants, as JWKs. */
  readonly grantKeys: readonly Readonly<Record<string, unknown>>[];
};

/** Envelope and the fields around the cameras, generously. */
const roomBytes = 16_384;

/**
 * Sends an agent all it should have, as a new revision. The revision is made before the cameras are read, so a higher one always holds at least
 * what a lower one held, however sends overlap. `above` is the newest revision the agent says it has: a hub that lost its folder starts beyond.
 */
export async function sendDesired(options: DesiredConfigOptions, agent: AgentId, above = 0): Promise<number> {
  const revision = await options.store.nextRevision(agent, above);
  const rows = (await options.store.listCameras()).filter((row) => row.agentId === agent);
  const storage = await readStorageConfig(options.store, agent);
  const keyBytes = Buffer.byteLength(JSON.stringify(options.grantKeys));
  const parts = toParts(rows.map(toConfig), maxPayloadBytes - roomBytes - keyBytes);
  for (const [part, cameras] of parts.entries()) {
    const facts = { revision, part, parts: parts.length, cameras, grantKeys: options.grantKeys };
    const body = { ...facts, ...(storage === undefined ? {} : { storage }) };
    await options.link.send(agent, 'desired', writeEnvelope(body, options.clock.nowMs()));
  }
  return revision;
}

function toConfig(row: CameraRow): CameraConfig {
  const { id, name, sourceKind, url, subUrl, transport, sealedCredentials, paused, capBytes, budget } = row;
  const { recording, createdMs } = row;
  return {
    ...{ id, name, sourceKind, url, transport, paused, createdMs },
    ...(row.stallMs === undefined ? {} : { stallMs: row.stallMs }),
    ...(subUrl === undefined ? {} : { subUrl }),
    ...(sealedCredentials === undefined ? {} : { sealedCredentials }),
    ...(capBytes === undefined ? {} : { capBytes }),
    ...(budget === undefined ? {} : { budget }),
    ...(recording === undefined ? {} : { recording }),
  };
}

/** Divides cameras so that no part is longer than `limitBytes`; always at least one part. */
export function toParts(cameras: readonly CameraConfig[], limitBytes: number): CameraConfig[][] {
  const parts: CameraConfig[][] = [[]];
  let sizeBytes = 0;
  for (const camera of cameras) {
    const cameraBytes = Buffer.byteLength(JSON.stringify(camera)) + 1;
    if (sizeBytes + cameraBytes > limitBytes && parts.at(-1)!.length > 0) {
      parts.push([]);
      sizeBytes = 0;
    }
    parts.at(-1)!.push(camera);
    sizeBytes += cameraBytes;
  }
  return parts;
}
