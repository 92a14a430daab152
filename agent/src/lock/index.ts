/** One agent per data folder. In: a folder. Out: a lock. Promises: freed when the process ends, however it ends. */
export { openFolderLock, type FolderLock } from './folder-lock.ts';
