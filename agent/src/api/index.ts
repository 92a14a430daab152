/**
 * The agent's HTTP app on its local socket.
 * In: routes of playback and live, the hub's public keys. Out: the contract's `at: 'agent'` endpoints, metrics.
 * Promises: every media route checks its grant here, once; an upgrade meets the same check; errors are `{kind,message,fix}`.
 */
export { openApp, type AgentEnv, type AgentRoutes, type AgentVariables, type AppOptions } from './app.ts';
export { openGrantGate, type GrantGate } from './grant-gate.ts';
export { exportRoutes, type ExportSource } from './export-routes.ts';
export { holdRoutes, type HoldSource } from './hold-routes.ts';
export { liveRoutes } from './live-routes.ts';
export { openLocalServer, type LocalServer, type LocalServerOptions } from './local-server.ts';
export { triggerRoutes, type TriggerSources } from './trigger-routes.ts';
