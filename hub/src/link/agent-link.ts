import type { AgentId } from '@porchlight/contract/ids';

/** What an agent may be sent: a part of its configuration, a command, receipts for what it has shown. */
export type LinkTopic = 'desired' | 'command' | 'witness';

/** The way to agents. Sending never waits for one: what it has to say comes in through `AgentInbox`. */
export interface AgentLink {
  /** Hands one message to the broker. An agent that is away misses it; it is sent again after its next hello. */
  send(agent: AgentId, topic: LinkTopic, payload: string): Promise<void>;
}

/** A link that remembers what was sent. */
export type FakeAgentLink = AgentLink & {
  readonly sent: { agent: AgentId; topic: LinkTopic; payload: string }[];
};

/** Opens a link to nobody. */
export function openFakeAgentLink(): FakeAgentLink {
  const sent: FakeAgentLink['sent'] = [];
  return { sent, send: async (agent, topic, payload) => void sent.push({ agent, topic, payload }) };
}
