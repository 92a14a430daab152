import type { LineConfig } from '#line';
import type { AgentCamera } from '#link';
import type { SourceKind } from '@porchlight/contract/camera';

/** A camera as its line needs it. */
export function toLineConfig(camera: AgentCamera): LineConfig {
  const { id, sourceKind, url, subUrl, transport, paused, credentials, recording, stallMs } = camera;
  return {
    id,
    sourceKind,
    url,
    transport,
    paused,
    ...(subUrl === undefined ? {} : { subUrl }),
    ...(credentials ? { credentials } : {}),
    ...(recording ? { recording } : {}),
    ...(stallMs === undefined ? {} : { stallMs }),
  };
}

/** What kind of source an address names. */
export function toSourceKind(url: string): SourceKind {
  if (url.startsWith('demo:')) return 'demo';
  return /^rtsps?:/i.test(url) ? 'rtsp' : 'file';
}
