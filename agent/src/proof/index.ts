/**
 * Proof that leaves the box: chains sealed hourly, written beside the footage, shown to the hub. In: the index's chains, the device's identity,
 * receipts. Out: chain files, messages. Promises: recording never waits for it; what could not be written or shown is tried again.
 */
export {
  appendChainLines,
  findLastHead,
  chainFolder,
  listChainCameras,
  listChainFiles,
  parseChainLines,
  readChainFile,
  toChainPath,
  type ChainLine,
  type ChainLines,
} from './chain-file.ts';
export { makeManifest, signManifest, type ManifestOptions, type VouchedFile } from './manifest.ts';
export { openNotary, type Notary, type NotaryIdentity, type NotaryOptions } from './notary.ts';
