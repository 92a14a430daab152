import { randomUUID } from 'node:crypto';

/** Wraps a body as every message between hub and agent is: version, own id, time of sending. */
export function writeEnvelope(body: object, atMs: number): string {
  return JSON.stringify({ v: 1, id: randomUUID(), atMs, body });
}
