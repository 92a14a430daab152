import type { Camera } from '@porchlight/contract/camera';
import { IconPlayerPause, IconVideoOff } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { Link } from 'react-router';
import { AlarmBadge } from '#alarms';
import { LiveView } from '#live';
import { StateBadge, strings, toAgo, toStateText } from '#ui';
import classes from './wall.module.css';

/** Newest picture of any stream of a camera. */
export function toLastSeenMs(camera: Camera): number | undefined {
  const times = camera.streams.flatMap(({ lastFrameMs }) => lastFrameMs ?? []);
  return times.length > 0 ? Math.max(...times) : undefined;
}

/** One camera on the wall: its picture, its name, how it is, unless nobody can say now. The whole tile is the link. */
export function Tile({ camera, reached }: { camera: Camera; reached: boolean }) {
  const { status } = camera.state;
  const dark = status === 'offline' || status === 'error' || status === 'paused';
  return (
    <li className={classes['tile']}>
      <div className={classes['picture']} data-dark={dark || undefined}>
        <LiveView camera={camera} tile />
        {dark && <DarkNote camera={camera} />}
      </div>
      <div className={classes['caption']}>
        <Link to={`/cameras/${camera.id}`} className={classes['name']} aria-label={strings.wall.open(camera.name)}>
          {camera.name}
        </Link>
        {camera.sourceKind === 'demo' && <span className={classes['demo']}>{strings.wall.demo}</span>}
        {reached && !dark && <AlarmBadge camera={camera.id} />}
        {reached && <StateBadge state={camera.state} onPicture />}
      </div>
    </li>
  );
}

function DarkNote({ camera }: { camera: Camera }) {
  const paused = camera.state.status === 'paused';
  const seenMs = toLastSeenMs(camera);
  const Icon = paused ? IconPlayerPause : IconVideoOff;
  return (
    <div className={classes['note']}>
      <Icon size={26} aria-hidden />
      <p>{paused ? strings.pausedText : toStateText(camera.state)}</p>
      {seenMs !== undefined && !paused && <LastSeen atMs={seenMs} />}
    </div>
  );
}

function LastSeen({ atMs }: { atMs: number }) {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 10_000);
    return () => clearInterval(timer);
  }, []);
  return <small>{strings.wall.lastSeen(toAgo(atMs, nowMs))}</small>;
}
