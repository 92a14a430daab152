/**
 * A chain of facts per camera, in the index's own database. In: rows as they are closed and deleted, a key to sign with. Out: entries, heads,
 * and what a check of them finds. Promises: a fact and the row it speaks of are one write; nothing in a chain is ever changed; checking needs
 * nothing but what is handed to it.
 */
export { toChainHooks } from './chain-hooks.ts';
export { ChainStore, type HeadRow, type LinkedFact } from './chain-store.ts';
export { checkChain, type ChainPiece, type CheckedChain, type Finding, type Voucher } from './check-chain.ts';
export { toDigest, toFirstLink, toLinkBefore, toNextLink } from './digest.ts';
export { signHead } from './heads.ts';
export { isAgentOf, isWitnessOf, openBundle, type Bundle } from './trust.ts';
