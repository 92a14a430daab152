import { exportIdSchema, exportJobSchema } from '@porchlight/contract/exports';
import { streamNameSchema } from '@porchlight/contract/camera';
import { cameraIdSchema, wallMsSchema } from '@porchlight/contract/ids';
import { z } from 'zod';

/** A clip that is finished, and what its line in the manifest needs. */
const clipSchema = z.object({
  name: z.string(),
  camera: cameraIdSchema,
  stream: streamNameSchema,
  fromMs: wallMsSchema,
  toMs: wallMsSchema,
  sizeBytes: z.int().min(0),
  sha256: z.string(),
  /** Rows of the index it was made of. */
  segments: z.array(z.int()),
  /** Facts whose file was not the recorded one any more. */
  altered: z.array(z.int()),
});
export type Clip = z.infer<typeof clipSchema>;

/** A job as it stands in its file. What is made of it for others is `ExportJob`. */
export const jobSchema = exportJobSchema
  .omit({ progress: true, files: true, writtenBytes: true, expiresMs: true })
  .extend({
    id: exportIdSchema,
    /** Who asked for it, as the grant names them. */
    by: z.string().optional(),
    clips: z.array(clipSchema),
    /** Lines that are finished, as `camera/stream`, and where the others go on. */
    lines: z.array(
      z.object({ camera: cameraIdSchema, stream: streamNameSchema, nextMs: wallMsSchema, done: z.boolean() }),
    ),
    manifest: z.object({ sizeBytes: z.int(), sha256: z.string() }).optional(),
    zipBytes: z.int().optional(),
    endedMs: wallMsSchema.optional(),
  });
export type Job = z.infer<typeof jobSchema>;
export type JobLine = Job['lines'][number];

export const manifestName = 'manifest.proof.json';
export const zipName = 'export.zip';

/** A time in a file name: `2026-11-20T08-00-00Z`. */
export const toStamp = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replaceAll(':', '-')}Z`;
