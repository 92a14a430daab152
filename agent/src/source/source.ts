import { join } from 'node:path';
import type { Clock } from '@porchlight/base/clock';
import type { Log } from '@porchlight/base/log';
import type { SourceKind, StreamName, Transport } from '@porchlight/contract/camera';
import {
  openCamera,
  type CameraTimes,
  type CertificatePins,
  type Credentials,
  type Source,
  type SourceEvents,
} from '#camera';
import { openFileSource } from './file-source.ts';

/** Where one stream comes from. */
export type SourceConfig = {
  readonly kind: SourceKind;
  /** `rtsp://` or `rtsps://` without a user; the path of a file; `demo:NAME`. */
  readonly url: string;
  readonly stream: StreamName;
  readonly transport: Transport;
  readonly credentials?: Credentials;
};

/** What sources need beside their configuration. */
export type SourceDeps = {
  readonly clock: Clock;
  readonly log: Log;
  /** Holds the bundled street's files. */
  readonly demoFolder: string;
  readonly times?: Partial<CameraTimes>;
  /** Certificates of `rtsps` cameras; without, any is taken. */
  readonly pins?: CertificatePins | undefined;
  /** Told of each read from a camera's TCP connection; `Infinity` in place of a size while it is young. */
  readonly onRead?: ((sizeBytes: number) => void) | undefined;
};

/** Opens the source that a configuration names. It begins by itself and tries for ever until closed. */
export function openSource(config: SourceConfig, deps: SourceDeps, events: SourceEvents): Source {
  const { clock, log } = deps;
  switch (config.kind) {
    case 'file':
      return openFileSource({ path: config.url, clock, log, events });
    case 'demo':
      return openFileSource({ path: toDemoPath(deps.demoFolder, config.url), clock, log, events });
    case 'rtsp':
      return openCamera({
        url: config.url,
        transport: config.transport,
        clock,
        log,
        events,
        ...(config.credentials ? { credentials: config.credentials } : {}),
        pins: deps.pins,
        ...(deps.times ? { times: deps.times } : {}),
        onRead: deps.onRead,
      });
  }
}

/** A name of letters, digits and hyphens leads nowhere but into the folder. */
function toDemoPath(folder: string, url: string): string {
  const name = /^demo:([a-z0-9-]+)$/.exec(url)?.[1] ?? 'street';
  return join(folder, `${name}.mov`);
}
