import { z } from 'zod';
import { streamNameSchema } from '#camera';
import { eventsSchema, triggerSchema, triggeredSchema } from '#events';
import { isTimeZone } from '#recording-plan';
import { manifestType } from '#proof';
import { coverageMonthSchema, recordingsSchema } from '#recordings';
import { cameraParams, queryMs, spanQuery, type Endpoint } from './endpoint.ts';

const streamQuery = z.object({ stream: streamNameSchema.optional() });
const flag = z.enum(['true', 'false']).optional();
/**
 * Where a live view begins: with the group of pictures that is under way, replayed at once (`group`, the default), or with the
 * next key frame (`next`), for measurements and for links too narrow for a replay.
 */
export const liveStartSchema = z.enum(['group', 'next']);
export type LiveStart = z.infer<typeof liveStartSchema>;

/** What agents answer: footage, live view, events. The hub passes them on. */
export const mediaEndpoints = {
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
  getCoverage: {
    method: 'GET',
    path: '/api/cameras/{id}/coverage',
    at: 'agent',
    access: 'replay',
    summary: 'How much of each day of a month is recorded, and what is missing, by reason',
    params: cameraParams,
    query: z.object({
      month: z.string().regex(/^(19|20|21)\d\d-(0[1-9]|1[0-2])$/),
      /** IANA name; absent: the zone of the machine that records. */
      timeZone: z.string().max(64).refine(isTimeZone).optional(),
    }),
    status: 200,
    response: coverageMonthSchema,
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
    summary:
      'The manifest of the export of a span: its hash, the facts it was made of, who saw them; for `porchlight verify`',
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
    params: cameraParams.extend({ event: z.string().max(64) }),
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
} as const satisfies Record<string, Endpoint>;
