/** Media grants. In: a wish that policy allowed. Out: a signed token for an agent. Promises: one camera, one action, 60 seconds. */
export { makeGrantKey, openMediaGrants, type GrantWish, type MediaGrants } from './media-grants.ts';
