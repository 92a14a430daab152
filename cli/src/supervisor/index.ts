/** Runs hub and agent side by side. In: options. Out: two child processes kept alive. Promises: a restart of one never touches the other. */
export { openSupervisor, type Supervisor, type SupervisorOptions } from './supervisor.ts';
export { openChild, type Child } from './child.ts';
export { agentEnv, agentFlags } from './agent-flags.ts';
