/** Footage that is kept whatever the budget says. In: a camera, a span and why. Out: what is held, the way to hold and to release. */
export { HoldList } from './hold-list.tsx';
export { isHeld } from './hold-values.ts';
export { KeepDialog } from './keep-dialog.tsx';
export { useHolds, type Holding, type HoldWish } from './use-holds.ts';
