/** One process per folder. In: a folder and whose it is. Out: a lock. Promises: freed when the process ends, however it ends. */
export { openFolderLock, type FolderLock } from './folder-lock.ts';
