/** Trying again. In: bounds. Out: delays that grow, with jitter. Promises: never longer than the bound, never in step with others. */
export { openBackoff, type Backoff, type BackoffOptions } from './backoff.ts';
