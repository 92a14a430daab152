import type { Camera } from '@porchlight/contract/camera';
import { useRef } from 'react';
import { CameraAlarms } from '#alarms';
import { ClipBar } from '#clip';
import { EventList, useEvents } from '#events';
import { MonthView } from '#month';
import { DayBar, Timeline, toDay, ZoomButtons } from '#timeline';
import { FailureLine, strings } from '#ui';
import { CameraHead } from './camera-head.tsx';
import { Controls } from './controls.tsx';
import { Details } from './details.tsx';
import { Stage } from './stage.tsx';
import { useKeys } from './use-keys.ts';
import { useScreening, type Screening } from './use-screening.ts';
import classes from './camera.module.css';

/** Picture, controls, day, details of one camera. */
export function CameraScreen({ camera }: { camera: Camera }) {
  const screen = useRef<HTMLElement>(null);
  const screening = useScreening(camera, screen);
  useKeys(screening);
  const { day, nowMs, playheadMs } = screening;
  const { events, failure, retry } = useEvents(camera.id, day.bounds, nowMs);
  const empty = day.coverage?.any.length === 0;
  return (
    <div className={classes['page']}>
      <CameraHead camera={camera} events={events} nowMs={nowMs} />
      <section
        ref={screen}
        className={classes['screen']}
        data-clip={screening.clip !== undefined || undefined}
        aria-label={camera.name}
      >
        <Stage camera={camera} screening={screening} />
        <div className={classes['below']}>
          <Controls camera={camera} screening={screening} />
          {day.failure ? (
            <FailureLine title={strings.timeline.failed} failure={day.failure} onRetry={day.retry} />
          ) : (
            <Timeline
              bounds={day.bounds}
              view={day.view}
              coverage={day.coverage}
              events={events}
              playheadMs={playheadMs}
              nowMs={nowMs}
              live={screening.live}
              selection={screening.clip}
              onView={day.setView}
              onSelect={screening.setClip}
              onScrub={screening.playback.scrub}
              onSeek={screening.seek}
            />
          )}
          <div className={classes['dayRow']}>
            <DayBar day={day.day} nowMs={nowMs} onDay={day.setDay} />
            {empty && <span className={classes['emptyDay']}>{strings.timeline.empty}</span>}
            <ZoomButtons view={day.view} bounds={day.bounds} playheadMs={playheadMs} onView={day.setView} />
          </div>
          {screening.clip && (
            <ClipBar camera={camera} coverage={day.coverage} clip={screening.clip} onClip={screening.setClip} />
          )}
        </div>
      </section>
      <EventList
        camera={camera.id}
        events={events}
        failure={failure}
        playheadMs={playheadMs}
        onRetry={retry}
        onPlay={({ fromMs }) => screening.seek(fromMs)}
      />
      <Below camera={camera} screening={screening} />
    </div>
  );
}

/** Its month, its alarms, its details. */
function Below({ camera, screening: { day, nowMs } }: { camera: Camera; screening: Screening }) {
  return (
    <>
      <MonthView camera={camera.id} day={day.day} today={toDay(nowMs)} onDay={day.setDay} />
      <CameraAlarms camera={camera.id} />
      <Details camera={camera} />
    </>
  );
}
