import type { Camera } from '@porchlight/contract/camera';
import { useEffect, useImperativeHandle, useRef, useState, type Ref } from 'react';
import { strings } from '#ui';
import type { Path } from './ladder.ts';
import { toPathText } from './live-words.ts';
import classes from './live-view.module.css';
import { useOnScreen } from './on-screen.ts';
import { drawPicture } from './picture.ts';
import { openViewer, type LiveState, type Viewer, type ViewerFacts } from './viewer.ts';

/** What the page may ask of the live picture. */
export type LiveHandle = {
  picture(): HTMLElement | undefined;
  stats(): ReturnType<Viewer['stats']>;
};

type LiveViewProps = {
  readonly camera: Camera;
  readonly tile?: boolean;
  readonly sound?: boolean;
  /** The only path to take; unset leaves the choice to the ladder. */
  readonly only?: Path | undefined;
  readonly onState?: (state: LiveState) => void;
  readonly ref?: Ref<LiveHandle>;
};

function toFacts({ camera, tile = false, sound = false, only }: LiveViewProps): ViewerFacts {
  return { streams: camera.streams, hasSub: camera.subUrl !== undefined, tile, sound, only };
}

/** The live picture of a camera; nothing is fetched while nobody can see it. The last picture stays in its place. */
export function LiveView(props: LiveViewProps) {
  const { camera, tile = false, sound = false, only, onState, ref } = props;
  const host = useRef<HTMLDivElement>(null);
  const still = useRef<HTMLCanvasElement>(null);
  const viewer = useRef<Viewer>(undefined);
  const [state, setState] = useState<LiveState>();
  const seen = useOnScreen(host);
  const active = seen && (camera.state.status === 'online' || camera.state.status === 'starting');
  const facts = useRef(toFacts(props));
  const tell = useRef(onState);
  tell.current = onState;
  useEffect(() => {
    facts.current = toFacts(props);
    viewer.current?.update(facts.current);
  }, [camera, tile, sound, only]);
  useEffect(() => {
    if (!active || !host.current) return;
    const open = openViewer({
      host: host.current,
      camera: camera.id,
      facts: facts.current,
      onState(next) {
        setState(next);
        tell.current?.(next);
      },
    });
    viewer.current = open;
    return () => {
      drawPicture(open.picture(), still.current);
      viewer.current = undefined;
      open.close();
    };
  }, [active, camera.id]);
  useImperativeHandle(ref, () => ({
    picture: () => viewer.current?.picture(),
    stats: () => viewer.current?.stats(),
  }));
  return (
    <div className={classes['view']} role="img" aria-label={strings.live.videoLabel(camera.name)}>
      <canvas ref={still} className={classes['still']} aria-hidden />
      <div ref={host} className={classes['host']} />
      {active && state?.phase !== 'live' && (
        <div className={classes['waiting']} role="status">
          <span className={classes['spinner']} aria-hidden />
          {!tile && (state?.phase === 'retrying' ? strings.live.noPicture : toPathText(state))}
        </div>
      )}
    </div>
  );
}
