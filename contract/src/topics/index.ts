/** MQTT topics between hub and agent, at most 7 slashes. In: ids. Out: topic names. @see AWS IoT Core limits */
import type { AgentId } from '#ids';

/** Hub → agent: part of the desired configuration. */
export const desiredTopic = (agent: AgentId): string => `porchlight/${agent}/desired`;
/** Hub → agent: a question or instruction with a deadline. */
export const commandTopic = (agent: AgentId): string => `porchlight/${agent}/command`;
/** Agent → hub: the answer to a command. */
export const answerTopic = (agent: AgentId): string => `porchlight/${agent}/answer`;
/** Agent → hub: how its cameras are. */
export const reportTopic = (agent: AgentId): string => `porchlight/${agent}/report`;
/** Agent → hub: what is wrong and what was. */
export const alarmTopic = (agent: AgentId): string => `porchlight/${agent}/alarm`;
/** Agent → hub: hello after each connect; the last will says goodbye. */
export const presenceTopic = (agent: AgentId): string => `porchlight/${agent}/presence`;

/** Agent → hub: how far the chains of its cameras have come, signed. */
export const proofTopic = (agent: AgentId): string => `porchlight/${agent}/proof`;
/** Hub → agent: receipts for those. */
export const witnessTopic = (agent: AgentId): string => `porchlight/${agent}/witness`;

/** Fleet provisioning by claim, the same topics on every broker. @see AWS IoT Core MQTT-based provisioning */
export const createFromCsrTopic = '$aws/certificates/create-from-csr/json';
export const provisionTopic = (template: string): string => `$aws/provisioning-templates/${template}/provision/json`;
export const accepted = (topic: string): string => `${topic}/accepted`;
export const rejected = (topic: string): string => `${topic}/rejected`;
/** Name of the template that the embedded hub answers to. */
export const provisioningTemplate = 'porchlight-agent';
/** Largest payload either side sends (IoT Core: 128 kB). */
export const maxPayloadBytes = 128_000;
