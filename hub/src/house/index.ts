/** The one-box hub, wired. In: options. Out: a running hub. Promises: closes in reverse order; nothing listens before everything stands. */
export { openHub, type Hub, type HubOptions } from './hub.ts';
