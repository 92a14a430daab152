/**
 * RTSP cameras that are not there. In: movies, faults. Out: a server with a URL for each stream, TCP interleaved and UDP.
 * Promises: every client of a stream gets the same packets; each frame is packetized once and only stamped before it is sent.
 */
export type { DigestKind } from './authorization.ts';
export {
  openSimulator,
  type SentFrame,
  type SimulatedStream,
  type Simulator,
  type SimulatorOptions,
} from './simulator.ts';
