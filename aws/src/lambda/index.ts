/**
 * The hub on Lambda. In: events of API Gateway and of an IoT rule, and ports to services. Out: answers, rows. Promises: the same app as in a
 * process; a fresh instance for each event; nothing reachable from here listens, opens a database file or holds native code.
 */
export { openAgentHandler, openHttpHandler, type AgentEvent, type HttpHandler } from './handlers.ts';
export { openHubInstance, type HubInstance, type HubServices } from './hub-instance.ts';
