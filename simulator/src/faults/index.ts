/**
 * Trouble on request. In: a fault, the packets of a frame. Out: the packets as a troubled camera or network would send them.
 * Promises: the same seed gives the same trouble; packets given are never changed.
 */
export { hasPacketFaults, type Fault } from './fault.ts';
export { openRandom, toFaultyPackets, type Random } from './packet-faults.ts';
export { faultWords, parseFault } from './parse-fault.ts';
