import type { Clock } from '@porchlight/base/clock';
import type { LiveStream } from '#lease';
import type { StreamReader } from '#stream';
import { openBacklog } from './mse-backlog.ts';
import { openMseMuxer } from './mse-muxer.ts';

/** The part of a WebSocket that a session needs. */
export type MseSocket = {
  send(message: string | Uint8Array): void;
  /** Bytes accepted by `send` and not yet handed to the system. */
  readonly bufferedAmount: number;
};

/** What one viewer was sent. */
export type MseSessionStats = { framesSent: number; framesDropped: number; drops: number; bytesSent: number };

/** One viewer of one stream, for as long as it is open. */
export type MseSession = { stats(): Readonly<MseSessionStats>; close(): void };

const mappingPeriodMs = 2000;

/**
 * Sends a stream to a page: text `{kind:'tracks',…}` and the init section, then one frame per message, from the cached
 * key frame on; `{kind:'live'}` after the last cached frame; tracks and init again on every change of tracks or run;
 * `{kind:'time',…}` every two seconds; `{kind:'end',…}` when the source has nothing to show. A page that reads too slowly is dropped to the next key frame, without a hole in its time.
 */
export function openMseSession(options: {
  readonly stream: LiveStream;
  readonly socket: MseSocket;
  readonly audio: boolean;
  readonly clock: Clock;
}): MseSession {
  const { stream, socket, clock } = options;
  const backlog = openBacklog(socket, clock);
  const sent = { framesSent: 0, bytesSent: 0 };
  let mappingDueMs = 0;

  const send = (bytes: Uint8Array): void => {
    socket.send(bytes);
    backlog.add(bytes.length);
    sent.bytesSent += bytes.length;
  };
  const muxer = openMseMuxer({
    audio: options.audio,
    onInit(header, init) {
      socket.send(JSON.stringify({ kind: 'tracks', ...header }));
      mappingDueMs = clock.monotonicMs() + mappingPeriodMs;
      send(init);
    },
    onFragment(fragment, track) {
      send(fragment);
      if (track === 'video') sent.framesSent++;
    },
  });
  const sendMapping = (): void => {
    const nowMs = clock.monotonicMs();
    const mapping = muxer.mapping();
    if (nowMs < mappingDueMs || !mapping) return;
    mappingDueMs = nowMs + mappingPeriodMs;
    socket.send(JSON.stringify({ kind: 'time', ...mapping, nowMs: clock.nowMs() }));
  };
  const sendState = (reason: string): void => {
    const { state } = stream;
    socket.send(endMessage(state.reason ?? reason, state.message ?? 'The camera sends no pictures right now.'));
  };
  if (stream.state.status !== 'online' && stream.gopLength === 0) sendState(stream.state.status);
  const reader: StreamReader = {
    onTracks(tracks) {
      backlog.restart();
      if (!muxer.setTracks(tracks)) socket.send(endMessage('no-video', 'This stream has no video for a browser.'));
    },
    onFrame(timed) {
      const admission = backlog.admit(timed.frame);
      if (admission === 'drop') return;
      if (admission === 'resume') muxer.skip();
      muxer.push(timed);
      if (timed.frame.kind === 'video') sendMapping();
    },
    onEnd: ({ reason }) => sendState(reason),
  };
  // The muxer copies each picture as it comes and keeps none: the camera's memory can be used again at once.
  const leave = stream.subscribe(reader, { fromKeyFrame: 'cached', holds: true });
  // What was cached has been handed over by now: from here on frames come when they are made.
  socket.send(JSON.stringify({ kind: 'live' }));
  const stats = (): MseSessionStats => ({ ...sent, drops: backlog.drops, framesDropped: backlog.framesDropped });
  return { stats, close: leave };
}

/** Words for a page whose stream stops or cannot start. */
export function endMessage(reason: string, message: string, fix?: string): string {
  return JSON.stringify({ kind: 'end', end: true, reason, message, ...(fix === undefined ? {} : { fix }) });
}
