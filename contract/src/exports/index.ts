/** Exports that run as jobs in the agent: what is wished for, how far it is, which files came of it. Out: schemas and types. */
export {
  exportFileNameSchema,
  exportFileSchema,
  exportIdSchema,
  exportJobSchema,
  exportKeptMs,
  exportListSchema,
  exportWishSchema,
  longestExportMs,
  mostExportCameras,
  type ExportFile,
  type ExportId,
  type ExportJob,
  type ExportWish,
} from './exports.ts';
