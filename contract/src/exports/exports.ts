import { z } from 'zod';
import { streamNameSchema } from '#camera';
import { cameraIdSchema, wallMsSchema } from '#ids';

/** Longest span of one export. */
export const longestExportMs = 31 * 86_400_000;
/** Most cameras of one export. */
export const mostExportCameras = 64;
/** Files of an export are deleted so long after it has ended. */
export const exportKeptMs = 86_400_000;

export const exportIdSchema = z
  .string()
  .regex(/^[a-z0-9]{8,32}$/, 'Expected an export id')
  .brand<'ExportId'>();
export type ExportId = z.infer<typeof exportIdSchema>;

const unique = (values: readonly string[]): boolean => new Set(values).size === values.length;

/** What is to be exported: one MP4 for each camera and stream, and a manifest. */
export const exportWishSchema = z
  .object({
    cameras: z.array(cameraIdSchema).min(1).max(mostExportCameras).refine(unique, 'A camera is named twice'),
    /** Absent: the main stream. */
    streams: z.array(streamNameSchema).min(1).max(2).refine(unique, 'A stream is named twice').optional(),
    fromMs: wallMsSchema,
    toMs: wallMsSchema,
    /** All files as one zip beside the files themselves. It takes no room: it is made while it is downloaded. */
    zip: z.boolean().optional(),
  })
  .meta({ id: 'ExportWish' });
export type ExportWish = z.infer<typeof exportWishSchema>;

/** Safe in a path, a URL and a zip. */
export const exportFileNameSchema = z.string().regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/, 'Expected a file name');

/** A file that is finished. */
export const exportFileSchema = z
  .object({
    name: exportFileNameSchema,
    kind: z.enum(['clip', 'manifest', 'zip']),
    sizeBytes: z.int().min(0),
    /** Absent of a zip: the hashes of what is in it stand in the manifest. */
    sha256: z.string().optional(),
    camera: cameraIdSchema.optional(),
    stream: streamNameSchema.optional(),
    fromMs: wallMsSchema.optional(),
    toMs: wallMsSchema.optional(),
  })
  .meta({ id: 'ExportFile' });
export type ExportFile = z.infer<typeof exportFileSchema>;

/** An export and how far it is. */
export const exportJobSchema = z
  .object({
    id: exportIdSchema,
    cameras: z.array(cameraIdSchema),
    streams: z.array(streamNameSchema),
    fromMs: wallMsSchema,
    toMs: wallMsSchema,
    zip: z.boolean(),
    madeMs: wallMsSchema,
    /** One job runs at a time; the others wait. A failed one can be resumed: files that are finished are not made again. */
    state: z.enum(['waiting', 'running', 'done', 'failed']),
    /** 0 … 1, by bytes; 1 only when it is done. */
    progress: z.number().min(0).max(1),
    writtenBytes: z.int().min(0),
    /** What it will come to, by what is recorded. */
    expectedBytes: z.int().min(0),
    files: z.array(exportFileSchema),
    error: z.object({ kind: z.string(), message: z.string(), fix: z.string().optional() }).optional(),
    /** When its files are deleted; known once it has ended. */
    expiresMs: wallMsSchema.optional(),
  })
  .meta({ id: 'ExportJob' });
export type ExportJob = z.infer<typeof exportJobSchema>;

/** Newest first. */
export const exportListSchema = z.object({ exports: z.array(exportJobSchema) }).meta({ id: 'ExportList' });
