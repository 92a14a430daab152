/**
 * The hub's side of agents. In: wishes (`sendDesired`, `Commands`) and agents' messages (`AgentInbox`). Out: rows, changes. Promises: never
 * awaits an agent on a subscription, so that it also runs where the answer arrives at another process.
 */
export { openFakeAgentLink, type AgentLink, type FakeAgentLink, type LinkTopic } from './agent-link.ts';
export {
  openAgentInbox,
  setPresence,
  type AgentInbox,
  type AgentInboxOptions,
  type InboxTopic,
} from './agent-inbox.ts';
export { openCommands, type Commands, type Question } from './commands.ts';
export { writeEnvelope } from './envelope.ts';
export { readStorageConfig, readStorageStatus, writeStorageConfig, writeStorageStatus } from './storage-settings.ts';
export { sendDesired, toParts, type DesiredConfigOptions } from './desired-config.ts';
