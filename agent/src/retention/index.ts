/**
 * Deletes footage. In: caps, the index, a volume. Out: nothing but room. Promises: file first, then row; the oldest goes first;
 * what is held or open stays; nothing at all goes while too much is missing to trust what is seen.
 */
export { openRetention, type Retention } from './retention.ts';
