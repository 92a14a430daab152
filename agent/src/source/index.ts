/**
 * Where a stream comes from: an RTSP camera, a video file on a loop, the bundled demo street.
 * In: one configuration. Out: `SourceEvents`, synchronously and in order. Promises: a source tries for ever until it is
 * closed, says in words what is wrong, and no secret stands in what it says.
 */
export { openCertificatePins, toSecurePlace } from '#camera';
export type {
  CertificatePins,
  Credentials,
  SenderReport,
  Source,
  SourceEvents,
  SourceState,
  SourceStats,
} from '#camera';
export { openSource, type SourceConfig, type SourceDeps } from './source.ts';
export { testSource } from './test-source.ts';
