/** Folders of the house. In: a path. Out: a folder that can be written to, or words that say why not. */
export { makeFolder } from './folder.ts';
