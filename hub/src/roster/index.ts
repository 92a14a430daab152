/**
 * The register of cameras. In: what the owner wants. Out: cameras as the API shows them, rows for agents. Promises: no address kept holds
 * credentials; they are sealed to the agent's key or refused; every change is told to the agent.
 */
export { openRoster, type Roster, type RosterOptions, type SealedSource } from './roster.ts';
export { parseSourceAddress, type Credentials, type SourceAddress } from './source-address.ts';
export { toCameraId } from './camera-id.ts';
export { firstHelloMs } from './camera-view.ts';
