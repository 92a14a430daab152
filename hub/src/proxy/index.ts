/** The one-box way to the agent. In: requests that policy allowed. Out: the agent's answers, byte for byte. Promises: no cookie gets through; who leaves stops the work. */
export { openAgentProxy, type AgentProxy, type AgentProxyOptions, type Passage } from './agent-proxy.ts';
