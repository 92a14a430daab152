import { z } from 'zod';
import { alarmIdSchema, alarmListSchema, alarmSchema } from '#alarms';
import { addCameraSchema, cameraSchema, patchCameraSchema, sourceTestSchema, testSourceSchema } from '#camera';
import { cameraIdSchema, commandIdSchema } from '#ids';
import { witnessStatementSchema } from '#proof';
import { sessionSchema, setupSchema, signInSchema } from '#user';
import { cameraParams, queryMs, spanQuery, type Endpoint } from './endpoint.ts';
import { exportEndpoints } from './export-endpoints.ts';
import { mediaEndpoints } from './media-endpoints.ts';
import { storageEndpoints } from './storage-endpoints.ts';

const okSchema = z.object({ ok: z.boolean() }).meta({ id: 'Ok' });
/** `answer` is the verb's result when `done`, an error when `failed`. */
export const commandStatusSchema = z
  .object({
    id: commandIdSchema,
    state: z.enum(['waiting', 'done', 'failed', 'expired']),
    answer: z.unknown().optional(),
  })
  .meta({ id: 'CommandStatus' });

/** Header in which a hub beside the agent says at which of the box's addresses a viewer reached it: WebRTC tries that one first. */
export const reachedAtHeader = 'porchlight-reached-at';

export const endpoints = {
  getHealth: {
    method: 'GET',
    path: '/api/health',
    at: 'hub',
    access: 'open',
    summary: 'Is the hub up',
    status: 200,
    response: okSchema,
  },
  getOpenApi: {
    method: 'GET',
    path: '/api/openapi.json',
    at: 'hub',
    access: 'open',
    summary: 'This description',
    status: 200,
    response: z.record(z.string(), z.unknown()),
  },
  setup: {
    method: 'POST',
    path: '/api/setup',
    at: 'hub',
    access: 'open',
    summary: 'Make the first account with the one-time token',
    body: setupSchema,
    status: 201,
    response: sessionSchema,
  },
  signIn: {
    method: 'POST',
    path: '/api/session',
    at: 'hub',
    access: 'open',
    summary: 'Sign in; sets the session cookie',
    body: signInSchema,
    status: 200,
    response: sessionSchema,
  },
  getSession: {
    method: 'GET',
    path: '/api/session',
    at: 'hub',
    access: 'open',
    summary: 'Who am I; is set-up needed',
    status: 200,
    response: sessionSchema,
  },
  signOut: {
    method: 'DELETE',
    path: '/api/session',
    at: 'hub',
    access: 'session',
    summary: 'Sign out and end what this session opened',
    status: 204,
  },
  getChanges: {
    method: 'GET',
    path: '/api/changes',
    at: 'hub',
    access: 'session',
    summary: 'WebSocket: a `Change` whenever something changed, at most one a second for each thing',
    status: 101,
  },
  listCameras: {
    method: 'GET',
    path: '/api/cameras',
    at: 'hub',
    access: 'session',
    summary: 'All cameras',
    status: 200,
    response: z.object({ cameras: z.array(cameraSchema) }),
  },
  addCamera: {
    method: 'POST',
    path: '/api/cameras',
    at: 'hub',
    access: 'session',
    summary: 'Add a camera',
    body: addCameraSchema,
    status: 201,
    response: cameraSchema,
  },
  testSource: {
    method: 'POST',
    path: '/api/cameras/test',
    at: 'hub',
    access: 'session',
    summary: 'Connect to a source and say what it sends, without adding it; 202 with the command when it takes longer',
    body: testSourceSchema,
    status: 200,
    response: sourceTestSchema,
  },
  getCamera: {
    method: 'GET',
    path: '/api/cameras/{id}',
    at: 'hub',
    access: 'session',
    summary: 'One camera',
    params: cameraParams,
    status: 200,
    response: cameraSchema,
  },
  patchCamera: {
    method: 'PATCH',
    path: '/api/cameras/{id}',
    at: 'hub',
    access: 'session',
    summary: 'Rename, pause, change the address',
    params: cameraParams,
    body: patchCameraSchema,
    status: 200,
    response: cameraSchema,
  },
  removeCamera: {
    method: 'DELETE',
    path: '/api/cameras/{id}',
    at: 'hub',
    access: 'session',
    summary: 'Remove a camera; `footage=delete` deletes its recordings too',
    params: cameraParams,
    query: z.object({ footage: z.enum(['keep', 'delete']).optional() }),
    status: 204,
  },
  getCommand: {
    method: 'GET',
    path: '/api/commands/{id}',
    at: 'hub',
    access: 'session',
    summary: 'State of a question put to an agent',
    params: z.object({ id: commandIdSchema }),
    status: 200,
    response: commandStatusSchema,
  },
  listAlarms: {
    method: 'GET',
    path: '/api/alarms',
    at: 'hub',
    access: 'session',
    summary:
      'Alarms, newest first: those that stand (`open=true`), those that overlap a span, or the newest; at most 500',
    query: z.object({
      open: z.enum(['true']).optional(),
      from: queryMs.optional(),
      to: queryMs.optional(),
      camera: cameraIdSchema.optional(),
    }),
    status: 200,
    response: alarmListSchema,
  },
  acknowledgeAlarm: {
    method: 'POST',
    path: '/api/alarms/{alarm}/acknowledge',
    at: 'hub',
    access: 'session',
    summary: 'Say that somebody has seen it; it stands until all is well',
    params: z.object({ alarm: alarmIdSchema }),
    status: 200,
    response: alarmSchema,
  },
  getProof: {
    method: 'GET',
    path: '/api/cameras/{id}/proof',
    at: 'hub',
    access: 'session',
    summary: 'What the hub has written down about the record of this camera: signed heads with their receipts',
    params: cameraParams,
    query: spanQuery,
    status: 200,
    response: witnessStatementSchema,
  },
  getMetrics: {
    method: 'GET',
    path: '/metrics',
    at: 'hub',
    access: 'metrics',
    summary: 'Prometheus metrics',
    status: 200,
    responseType: 'text/plain; version=0.0.4',
  },
  ...storageEndpoints,
  ...mediaEndpoints,
  ...exportEndpoints,
} as const satisfies Record<string, Endpoint>;

export type EndpointName = keyof typeof endpoints;

/** Any schema of the table. */
export type Schema = z.ZodType;

/** A schema as JSON Schema 2020-12; `input` is what a caller may leave out, `output` what is there after parsing. */
export function toJsonSchema(schema: Schema, io: 'input' | 'output'): Record<string, unknown> {
  return { ...z.toJSONSchema(schema, { io, unrepresentable: 'any' }) };
}

type Part<Name extends EndpointName, Key extends string> =
  (typeof endpoints)[Name] extends Record<Key, infer Schema extends z.ZodType> ? z.input<Schema> : undefined;

/** What a caller gives: path parameters, query, JSON body. */
export type RequestOf<Name extends EndpointName> = {
  params: Part<Name, 'params'>;
  query: Part<Name, 'query'>;
  body: Part<Name, 'body'>;
};

/** What a caller gets as JSON. */
export type ResponseOf<Name extends EndpointName> = (typeof endpoints)[Name] extends {
  response: infer Schema extends z.ZodType;
}
  ? z.output<Schema>
  : undefined;

type Parsed<Name extends EndpointName, Key extends string> =
  (typeof endpoints)[Name] extends Record<Key, infer Schema extends z.ZodType> ? z.output<Schema> : undefined;

/** What the answering side gets after parsing: defaults filled in, ids branded. */
export type CallOf<Name extends EndpointName> = {
  params: Parsed<Name, 'params'>;
  query: Parsed<Name, 'query'>;
  body: Parsed<Name, 'body'>;
};

/** What the answering side gives, before it is parsed and so stripped of what the contract does not name. */
export type AnswerOf<Name extends EndpointName> = (typeof endpoints)[Name] extends {
  response: infer Schema extends z.ZodType;
}
  ? z.input<Schema>
  : undefined;
