/** Where footage is kept, how much and for how long. In: what the hub and its agents say. Out: the storage page, the note on the wall. */
export { StorageNote } from './storage-note.tsx';
export { StoragePage } from './storage-page.tsx';
