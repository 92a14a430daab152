import { useCallback, useEffect, useRef, useState, type RefObject } from 'react';
import type { StreamName } from '@porchlight/contract/camera';
import { openPlayer, openScrubber, type PlaybackState, type Player, type Scrubber } from '#playback';

/** What the page's player does and what may be asked of it. */
export type Playback = {
  readonly state: PlaybackState | undefined;
  readonly playing: boolean;
  readonly speed: number;
  readonly scrubMs: number | undefined;
  readonly seek: (wallMs: number) => void;
  readonly scrub: (wallMs: number) => void;
  readonly setPlaying: (playing: boolean) => void;
  readonly setSpeed: (speed: number) => void;
  /** Leaves playback: the page shows live. */
  readonly stop: () => void;
  /** Elements that show it. */
  readonly videoRef: RefObject<HTMLVideoElement | null>;
  readonly canvasRef: RefObject<HTMLCanvasElement | null>;
};

type PlaybackOptions = {
  readonly camera: string;
  readonly stream: StreamName | undefined;
  readonly scrubStream: StreamName | undefined;
  /** Time between key pictures. */
  readonly stepMs: number;
  readonly muted: boolean;
};

/** Player and scrubber of one camera, bound to the elements that show them. */
export function usePlayback(options: PlaybackOptions): Playback {
  const { camera, stream, scrubStream, stepMs, muted } = options;
  const video = useRef<HTMLVideoElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const player = useRef<Player>(undefined);
  const scrubber = useRef<Scrubber>(undefined);
  const [state, setState] = useState<PlaybackState>();
  const [playing, setPlayingState] = useState(true);
  const [speed, setSpeedState] = useState(1);
  const [scrubMs, setScrubMs] = useState<number>();

  const stop = useCallback(() => {
    player.current?.close();
    scrubber.current?.close();
    player.current = scrubber.current = undefined;
    setState(undefined);
    setScrubMs(undefined);
    setPlayingState(true);
    setSpeedState(1);
  }, []);
  useEffect(() => stop, [camera, stream, stop]);
  useEffect(() => player.current?.setMuted(muted), [muted]);

  const show = (wallMs: number, options?: { alone: boolean }): void => {
    if (canvas.current)
      scrubber.current ??= openScrubber({ camera, stream: scrubStream, canvas: canvas.current, stepMs });
    scrubber.current?.show(wallMs, options);
  };
  const seek = (wallMs: number): void => {
    if (!video.current) return;
    setScrubMs(undefined);
    show(wallMs, { alone: true });
    player.current ??= openPlayer({ camera, stream, video: video.current, onState: setState });
    player.current.setMuted(muted);
    player.current.setSpeed(speed);
    player.current.seek(wallMs);
  };
  return {
    state,
    playing,
    speed,
    scrubMs,
    seek,
    scrub(wallMs) {
      setScrubMs(wallMs);
      show(wallMs);
    },
    stop,
    setPlaying(next) {
      setPlayingState(next);
      player.current?.setPlaying(next);
    },
    setSpeed(next) {
      setSpeedState(next);
      player.current?.setSpeed(next);
    },
    videoRef: video,
    canvasRef: canvas,
  };
}
