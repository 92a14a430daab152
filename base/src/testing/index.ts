/** What tests share: declared needs of the machine and throw-away folders. Never imported by production code. */
export { footagePath, needs, type Need } from './needs.ts';
export { openTempFolder } from './temp-folder.ts';
export { mountSmallDisk, type SmallDisk } from './small-disk.ts';
