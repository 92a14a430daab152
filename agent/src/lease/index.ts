/**
 * Who watches what.
 * In: sessions that want to watch a stream. Out: a lease for each, listed for the hub and ended by it, by the viewer or with the session.
 * Promises: no more viewers than the caps allow; a lease ends once, with its reason.
 */
export { openLeases, type Lease, type LeaseEnd, type Leases, type ViewerCaps } from './leases.ts';
export type { FindStream, LiveStream } from './live-stream.ts';
