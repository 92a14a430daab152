import type { Clock } from '@porchlight/base/clock';
import type { Log } from '@porchlight/base/log';
import type { SourceKind, StreamName, Transport } from '@porchlight/contract/camera';
import { openCamera, type CameraTimes, type Credentials, type Source, type SourceEvents } from '#camera';
import { openFileSource } from './file-source.ts';

/** Where one stream comes from. */
export type SourceConfig = {
  readonly kind: SourceKind;
  /** `rtsp://` or `rtsps://` without credentials; a path for a file; ignored for the demo. */
  readonly url: string;
  readonly stream: StreamName;
  readonly transport: Transport;
  readonly credentials?: Credentials;
};

/** What sources need beside their configuration. */
export type SourceDeps = {
  readonly clock: Clock;
  readonly log: Log;
  /** The bundled street's files. */
  readonly demoFiles: Readonly<Record<StreamName, string>>;
  readonly times?: Partial<CameraTimes>;
};

/** Opens the source that a configuration names. It begins by itself and tries for ever until closed. */
export function openSource(config: SourceConfig, deps: SourceDeps, events: SourceEvents): Source {
  const { clock, log } = deps;
  switch (config.kind) {
    case 'file':
      return openFileSource({ path: config.url, clock, log, events });
    case 'demo':
      return openFileSource({ path: deps.demoFiles[config.stream], clock, log, events });
    case 'rtsp':
      return openCamera({
        url: config.url,
        transport: config.transport,
        clock,
        log,
        events,
        ...(config.credentials ? { credentials: config.credentials } : {}),
        ...(deps.times ? { times: deps.times } : {}),
      });
  }
}
