/**
 * The agent's line to its hub. In: a claim, how cameras are, what to do on a command. Out: what the hub wants, from disk at once and then by MQTT.
 * Promises: never throws or blocks for the hub; connects for ever; credentials stay sealed on disk; its keys never leave the folder.
 */
export { openLink, type DesiredState, type Link, type LinkOptions } from './link.ts';
export { putBack, type AgentCamera } from './desired-state.ts';
