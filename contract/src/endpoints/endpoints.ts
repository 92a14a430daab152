import { z } from 'zod';
import { alarmIdSchema, alarmListSchema, alarmSchema } from '#alarms';
import {
  addCameraSchema,
  cameraSchema,
  patchCameraSchema,
  sourceTestSchema,
  streamNameSchema,
  testSourceSchema,
} from '#camera';
import { cameraIdSchema, commandIdSchema, wallMsSchema } from '#ids';
import { eventIdSchema, eventsSchema, triggeredSchema, triggerSchema } from '#events';
import type { MediaAction } from '#media-grant';
import { manifestType, witnessStatementSchema } from '#proof';
import { recordingsSchema } from '#recordings';
import { sessionSchema, setupSchema, signInSchema } from '#user';

/** Who may call: anyone, a signed-in person, a person whose grant on the camera covers the action, or a metrics reader. */
export type Access = 'open' | 'session' | 'metrics' | MediaAction;

/** One HTTP endpoint. `at: 'agent'` routes are answered by the agent; the one-box hub streams them through unparsed. */
export type Endpoint = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With `{name}` path parameters, as OpenAPI writes them. */
  readonly path: string;
  readonly at: 'hub' | 'agent';
  readonly access: Access;
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject;
  /** Media type of a body that is not JSON. */
  readonly bodyType?: string;
  /** Success status. */
  readonly status: number;
  /** JSON answer; absent when `responseType` names another media type or there is no body. */
  readonly response?: z.ZodType;
  readonly responseType?: string;
};

const cameraParams = z.object({ id: cameraIdSchema });
const queryMs = z.coerce.number().pipe(wallMsSchema);
const spanQuery = z.object({ from: queryMs, to: queryMs });
const streamQuery = z.object({ stream: streamNameSchema.optional() });
const okSchema = z.object({ ok: z.boolean() }).meta({ id: 'Ok' });
/** `answer` is the verb's result when `done`, an error when `failed`. */
export const commandStatusSchema = z
  .object({
    id: commandIdSchema,
    state: z.enum(['waiting', 'done', 'failed', 'expired']),
    answer: z.unknown().optional(),
  })
  .meta({ id: 'CommandStatus' });
const flag = z.enum(['true', 'false']).optional();
/**
 * Where a live view begins: with the group of pictures that is under way, replayed at once (`group`, the default), or with the
 * next key frame (`next`), for measurements and for links too narrow for a replay.
 */
export const liveStartSchema = z.enum(['group', 'next']);
export type LiveStart = z.infer<typeof liveStartSchema>;

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
  getRecordings: {
    method: 'GET',
    path: '/api/cameras/{id}/recordings',
    at: 'agent',
    access: 'replay',
    summary: 'What is recorded, and the gaps with their reasons',
    params: cameraParams,
    query: spanQuery,
    status: 200,
    response: recordingsSchema,
  },
  getPlaylist: {
    method: 'GET',
    path: '/api/cameras/{id}/hls/index.m3u8',
    at: 'agent',
    access: 'replay',
    summary: 'HLS playlist of a span',
    params: cameraParams,
    query: spanQuery.extend({ stream: streamNameSchema.optional() }),
    status: 200,
    responseType: 'application/vnd.apple.mpegurl',
  },
  getPlaylistPart: {
    method: 'GET',
    path: '/api/cameras/{id}/hls/{part}',
    at: 'agent',
    access: 'replay',
    summary: 'Init section or segment bytes named by a playlist',
    params: cameraParams.extend({ part: z.string().max(200) }),
    status: 200,
    responseType: 'video/mp4',
  },
  getExport: {
    method: 'GET',
    path: '/api/cameras/{id}/export.mp4',
    at: 'agent',
    access: 'export',
    summary: 'One MP4 of a span, not re-encoded',
    params: cameraParams,
    query: spanQuery.extend({ stream: streamNameSchema.optional() }),
    status: 200,
    responseType: 'video/mp4',
  },
  getManifest: {
    method: 'GET',
    path: '/api/cameras/{id}/export.proof.json',
    at: 'agent',
    access: 'export',
    summary: 'The manifest of the export of a span: its hash, the facts it was made of, who saw them; for `porchlight verify`',
    params: cameraParams,
    query: spanQuery.extend({ stream: streamNameSchema.optional() }),
    status: 200,
    responseType: manifestType,
  },
  getKeyFrame: {
    method: 'GET',
    path: '/api/cameras/{id}/keyframe.mp4',
    at: 'agent',
    access: 'replay',
    summary: 'The key frame at or before a time, as a one-picture MP4',
    params: cameraParams,
    query: z.object({ at: queryMs, stream: streamNameSchema.optional() }),
    status: 200,
    responseType: 'video/mp4',
  },
  addTrigger: {
    method: 'POST',
    path: '/api/cameras/{id}/triggers',
    at: 'agent',
    access: 'trigger',
    summary: 'Something happened: keep what the camera sees around it as an event',
    params: cameraParams,
    body: triggerSchema,
    status: 201,
    response: triggeredSchema,
  },
  endTrigger: {
    method: 'POST',
    path: '/api/cameras/{id}/triggers/{event}/end',
    at: 'agent',
    access: 'trigger',
    summary: 'A lasting trigger is over: what is kept after it begins now',
    params: cameraParams.extend({ event: eventIdSchema }),
    status: 200,
    response: triggeredSchema,
  },
  getEvents: {
    method: 'GET',
    path: '/api/cameras/{id}/events',
    at: 'agent',
    access: 'replay',
    summary: 'Events that overlap a span, newest first, at most 1000',
    params: cameraParams,
    query: spanQuery,
    status: 200,
    response: eventsSchema,
  },
  getSnapshot: {
    method: 'GET',
    path: '/api/cameras/{id}/snapshot.jpg',
    at: 'agent',
    access: 'live',
    summary: 'The newest key frame as JPEG',
    params: cameraParams,
    query: streamQuery,
    status: 200,
    responseType: 'image/jpeg',
  },
  openWhep: {
    method: 'POST',
    path: '/api/cameras/{id}/whep',
    at: 'agent',
    access: 'live',
    summary:
      'WHEP: SDP offer in, SDP answer out; `start=next` waits for the next key frame instead of replaying the group under way',
    params: cameraParams,
    query: streamQuery.extend({ start: liveStartSchema.optional() }),
    bodyType: 'application/sdp',
    status: 201,
    responseType: 'application/sdp',
  },
  closeWhep: {
    method: 'DELETE',
    path: '/api/cameras/{id}/whep/{lease}',
    at: 'agent',
    access: 'live',
    summary: 'End a WHEP session',
    params: cameraParams.extend({ lease: z.string().max(64) }),
    status: 200,
  },
  openMse: {
    method: 'GET',
    path: '/api/cameras/{id}/mse',
    at: 'agent',
    access: 'live',
    summary: 'WebSocket of fragmented MP4 for Media Source Extensions',
    params: cameraParams,
    query: streamQuery.extend({ audio: flag }),
    status: 101,
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
