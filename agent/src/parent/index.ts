/** Whoever started the agent. In: its IPC channel. Out: claims. Promises: an agent without a parent runs as well. */
export { openParent, type Parent, type ParentChannel } from './parent.ts';
