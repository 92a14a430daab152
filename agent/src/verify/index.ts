/**
 * Checking footage without the house. In: an export with its manifest, or a folder of recorded files with its chain files. Out: what is proved, what
 * is not, and by whom, in words. Promises: asks nobody, changes nothing, believes nothing that it was not told to.
 */
export { checkArchive, type ArchiveCheck } from './check-archive.ts';
export { checkManifest, type FoundFile, type ManifestCheck } from './check-manifest.ts';
export { exitCodeOf, writeVerification, type Verdict, type Verification } from './verdict.ts';
export { verify, type VerifyOptions } from './verify.ts';
