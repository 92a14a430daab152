/**
 * Where agents keep footage. In: places and budgets that an owner chooses. Out: the same beside what agents last said of their disks.
 * Promises: nothing is kept that the agent has refused or not answered; its reason comes out in its words.
 */
export { openStorage, type Storage, type StorageCall, type StorageOptions } from './storage.ts';
