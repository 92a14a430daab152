import type { Camera, StreamName } from '@porchlight/contract/camera';
import { notifications } from '@mantine/notifications';
import { useEffect, useRef, useState, type RefObject } from 'react';
import { canPlay, saveBlob, toJpeg, type LiveHandle, type LiveState } from '#live';
import { findNextFootageMs, toClamped, toDay, toFollowing, type Coverage, type Selection } from '#timeline';
import { strings, toFileName } from '#ui';
import { urlOf } from '../api.ts';
import { useDay, useNow, type Day } from './use-day.ts';
import { usePlayback, type Playback } from './use-playback.ts';

/** Everything that the camera page does, for its parts and its keys. */
export type Screening = {
  readonly live: boolean;
  readonly nowMs: number;
  /** Time of the picture shown. */
  readonly playheadMs: number;
  readonly day: Day;
  readonly playback: Playback;
  readonly sound: boolean;
  readonly liveState: LiveState | undefined;
  readonly clip: Selection | undefined;
  readonly liveView: RefObject<LiveHandle | null>;
  readonly seek: (wallMs: number) => void;
  /** Plays from a time of any day, and goes to that day. */
  readonly show: (wallMs: number) => void;
  readonly jump: (byMs: number) => void;
  readonly goLive: () => void;
  readonly setSound: (sound: boolean) => void;
  readonly setLiveState: (state: LiveState) => void;
  readonly setClip: (clip: Selection | undefined) => void;
  readonly startClip: () => void;
  readonly saveSnapshot: () => Promise<void>;
  readonly toggleFullScreen: () => void;
};

const liveEdgeMs = 3000;

/** The recorded stream that this browser is shown: main, or the small one where only that is kept. */
function toRecorded(
  camera: Camera,
  coverage: Coverage | undefined,
): { play: StreamName | undefined; scrub: StreamName | undefined } {
  const main = camera.streams.find(({ name }) => name === 'main');
  const sub = coverage !== undefined && coverage.sub.length > 0;
  const playsMain = main === undefined || canPlay(main.codecString);
  return { play: sub && !playsMain ? 'sub' : undefined, scrub: sub && !playsMain ? 'sub' : undefined };
}

export function useScreening(camera: Camera, screen: RefObject<HTMLElement | null>): Screening {
  const nowMs = useNow(1000);
  const day = useDay(camera.id, nowMs);
  const [sound, setSound] = useState(false);
  const [clip, setClip] = useState<Selection>();
  const [liveState, setLiveState] = useState<LiveState>();
  const liveView = useRef<LiveHandle>(null);
  const { play, scrub } = toRecorded(camera, day.coverage);
  const stepMs = Math.max(1000, camera.streams[0]?.gopMs ?? 2000);
  const playback = usePlayback({ camera: camera.id, stream: play, scrubStream: scrub, stepMs, muted: !sound });
  const live = playback.state === undefined && playback.scrubMs === undefined;
  const playheadMs = playback.scrubMs ?? playback.state?.wallMs ?? nowMs;
  const followMs = live || playback.scrubMs !== undefined ? undefined : playheadMs;
  useFollow(day, followMs);
  usePlayerAhead();
  const goLive = () => {
    playback.stop();
    if (day.day !== toDay(nowMs)) day.setDay(toDay(nowMs));
  };
  const seek = (wallMs: number) => {
    if (wallMs > nowMs - liveEdgeMs) return goLive();
    const at =
      day.coverage && wallMs >= day.bounds.fromMs && wallMs < day.bounds.toMs
        ? findNextFootageMs(day.coverage.any, wallMs)
        : wallMs;
    if (at === undefined) {
      notifications.show({ message: strings.playback.nothing, color: 'gray' });
      if (live || playback.state === undefined) goLive();
      else playback.seek(playback.state.wallMs);
      return;
    }
    playback.seek(at);
  };
  useGoOn(playback, day.coverage, seek);
  return {
    live,
    nowMs,
    playheadMs,
    day,
    playback,
    sound,
    liveState,
    clip,
    liveView,
    seek,
    show: (wallMs) => {
      if (toDay(wallMs) !== day.day) day.setDay(toDay(wallMs));
      seek(wallMs);
    },
    jump: (byMs) => seek(playheadMs + byMs),
    goLive,
    setSound,
    setLiveState,
    setClip,
    startClip: () => setClip(startClip(playheadMs, day)),
    saveSnapshot: () =>
      saveSnapshot(camera, live ? liveView.current?.picture() : (playback.videoRef.current ?? undefined), playheadMs),
    toggleFullScreen: () => toggleFullScreen(screen.current),
  };
}

/** The player's code is fetched ahead, so that the first click on the timeline does not wait for it. */
function usePlayerAhead(): void {
  useEffect(() => {
    const timer = setTimeout(() => void import('hls.js'), 1500);
    return () => clearTimeout(timer);
  }, []);
}

/** Keeps a moving playhead in sight, on the next day too. */
function useFollow(day: Day, playheadMs: number | undefined): void {
  useEffect(() => {
    if (playheadMs === undefined) return;
    if (playheadMs >= day.bounds.toMs) return day.setDay(toDay(playheadMs));
    if (playheadMs < day.bounds.fromMs) return;
    const next = toFollowing(day.view, day.bounds, playheadMs);
    if (next.fromMs !== day.view.fromMs || next.toMs !== day.view.toMs) day.setView(next);
  }, [playheadMs === undefined ? undefined : Math.floor(playheadMs / 1000)]);
}

/** At the end of a stretch, playback goes on with the next one. */
function useGoOn(playback: Playback, coverage: Coverage | undefined, seek: (wallMs: number) => void): void {
  const ended = playback.state?.phase === 'ended';
  const endedMs = playback.state?.wallMs ?? 0;
  useEffect(() => {
    if (!ended) return;
    const next = coverage?.any.find(({ fromMs }) => fromMs > endedMs - 500)?.fromMs;
    if (next !== undefined) seek(next);
  }, [ended]);
}

const clipMs = 60_000;
const clipViewMs = 15 * 60_000;

/** A minute up to the playhead, drawn large enough to be taken by its ends. */
function startClip(playheadMs: number, day: Day): Selection {
  const { bounds, view } = day;
  const toMs = Math.min(bounds.toMs, Date.now(), Math.max(playheadMs, bounds.fromMs + clipMs));
  const clip = { fromMs: Math.max(bounds.fromMs, toMs - clipMs), toMs };
  const near = view.toMs - view.fromMs <= 3 * clipViewMs && clip.fromMs >= view.fromMs && clip.toMs <= view.toMs;
  if (!near) day.setView(toClamped({ fromMs: toMs - clipViewMs * 0.6, toMs: toMs + clipViewMs * 0.4 }, bounds));
  return clip;
}

async function saveSnapshot(camera: Camera, picture: HTMLElement | undefined, wallMs: number): Promise<void> {
  const name = toFileName(camera.name, wallMs, 'jpg');
  const shown = await toJpeg(picture);
  if (shown) return saveBlob(shown, name);
  const response = await fetch(urlOf('getSnapshot', { params: { id: camera.id }, query: {} }));
  if (response.ok) return saveBlob(await response.blob(), name);
  notifications.show({ message: strings.live.noPicture, color: 'red' });
}

function toggleFullScreen(screen: HTMLElement | null): void {
  if (document.fullscreenElement) return void document.exitFullscreen();
  if (screen && 'requestFullscreen' in screen) return void screen.requestFullscreen().catch(() => undefined);
  const video = (screen as HTMLElement | null)?.querySelector('video') as
    { webkitEnterFullscreen?: () => void } | null | undefined;
  video?.webkitEnterFullscreen?.();
}
