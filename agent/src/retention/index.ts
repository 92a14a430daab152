/**
 * How long footage stays. In: budgets, volumes, the index, holds. Out: room, a forecast, how things stand. Promises: file first, then row;
 * budgets per camera and class, then the oldest, fair across cameras; what is held or open stays; what is owed elsewhere goes last and
 * loudly; thinning and moving survive an end at any point; nothing at all goes while too much is missing to trust what is seen.
 */
export { findBudgetFault, toDefaultBytes, toMostBytes, type CameraLimits, type Space } from './budgets.ts';
export type { Holds } from './holds.ts';
export { openKeeping, refuseFault, type Keeping, type KeepingParts } from './keeping.ts';
export type { Loss } from './retention.ts';
