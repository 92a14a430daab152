import { z } from 'zod';
import { exportFileNameSchema, exportIdSchema, exportJobSchema, exportListSchema, exportWishSchema } from '#exports';
import type { Endpoint } from './endpoint.ts';

const exportParams = z.object({ export: exportIdSchema });

/** Exports as jobs of the agent. They name no camera in their path: the grant names all that the caller may export. */
export const exportEndpoints = {
  addExport: {
    method: 'POST',
    path: '/api/exports',
    at: 'agent',
    access: 'export',
    summary: 'Export a span of one or several cameras: an MP4 per camera and stream, with a manifest',
    body: exportWishSchema,
    status: 201,
    response: exportJobSchema,
  },
  listExports: {
    method: 'GET',
    path: '/api/exports',
    at: 'agent',
    access: 'export',
    summary: 'Exports and how far they are, newest first',
    status: 200,
    response: exportListSchema,
  },
  getExportJob: {
    method: 'GET',
    path: '/api/exports/{export}',
    at: 'agent',
    access: 'export',
    summary: 'One export',
    params: exportParams,
    status: 200,
    response: exportJobSchema,
  },
  removeExport: {
    method: 'DELETE',
    path: '/api/exports/{export}',
    at: 'agent',
    access: 'export',
    summary: 'Cancel an export, or delete one that has ended: its files go at once',
    params: exportParams,
    status: 204,
  },
  resumeExport: {
    method: 'POST',
    path: '/api/exports/{export}/resume',
    at: 'agent',
    access: 'export',
    summary: 'Go on with an export that failed; finished files are not made again',
    params: exportParams,
    status: 200,
    response: exportJobSchema,
  },
  getExportFile: {
    method: 'GET',
    path: '/api/exports/{export}/files/{file}',
    at: 'agent',
    access: 'export',
    summary: 'A finished file of an export; answers ranges',
    params: exportParams.extend({ file: exportFileNameSchema }),
    status: 200,
    responseType: 'application/octet-stream',
  },
} as const satisfies Record<string, Endpoint>;
