import type { Camera } from '@porchlight/contract/camera';
import type { ListedEvent } from '@porchlight/contract/events';
import { useRef, useState } from 'react';
import { CameraAlarms } from '#alarms';
import { ClipBar } from '#clip';
import { EventList, toEventName, useEvents } from '#events';
import { HoldList, isHeld, KeepDialog, useHolds, type Holding, type HoldWish } from '#holds';
import { MonthView } from '#month';
import { DayBar, Legend, Timeline, toDay, ZoomButtons } from '#timeline';
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
  const { day, nowMs, playheadMs, clip, setClip } = screening;
  const { events, failure, retry } = useEvents(camera.id, day.bounds, nowMs);
  const holding = useHolds(camera.id);
  const [wish, setWish] = useState<HoldWish>();
  return (
    <div className={classes['page']}>
      <CameraHead camera={camera} events={events} nowMs={nowMs} />
      <section
        ref={screen}
        className={classes['screen']}
        data-clip={clip !== undefined || undefined}
        aria-label={camera.name}
      >
        <Stage camera={camera} screening={screening} />
        <div className={classes['below']}>
          <Controls camera={camera} screening={screening} />
          <DayPart camera={camera} screening={screening} events={events} holding={holding} />
          {clip && (
            <ClipBar
              {...{ camera, clip }}
              coverage={day.coverage}
              onClip={setClip}
              onKeep={() => setWish({ ...clip, note: '' })}
            />
          )}
        </div>
      </section>
      <div className={classes['columns']}>
        <div>
          <EventList
            camera={camera.id}
            events={events}
            failure={failure}
            playheadMs={playheadMs}
            isKept={(event) => isHeld(holding.holds ?? [], event)}
            onRetry={retry}
            onPlay={({ fromMs }) => screening.seek(fromMs)}
            onKeep={(event) => setWish({ fromMs: event.fromMs, toMs: event.toMs, note: toEventName(event) })}
          />
          <HoldList camera={camera} holding={holding} nowMs={nowMs} onPlay={({ fromMs }) => screening.show(fromMs)} />
          <CameraAlarms camera={camera.id} />
        </div>
        <div>
          <MonthView camera={camera.id} day={day.day} today={toDay(nowMs)} onDay={day.setDay} />
          <Details camera={camera} />
        </div>
      </div>
      {wish && <KeepDialog {...{ camera, wish }} coverage={day.coverage} onClose={() => setWish(undefined)} />}
    </div>
  );
}

type DayPartProps = {
  readonly camera: Camera;
  readonly screening: Screening;
  readonly events: readonly ListedEvent[] | undefined;
  readonly holding: Holding;
};

/** The day: its timeline, which day it is, how close one looks. */
function DayPart({ camera, screening, holding, events }: DayPartProps) {
  const { day, nowMs, playheadMs } = screening;
  return (
    <>
      {day.failure ? (
        <FailureLine title={strings.timeline.failed} failure={day.failure} onRetry={day.retry} />
      ) : (
        <Timeline
          bounds={day.bounds}
          view={day.view}
          coverage={day.coverage}
          events={events}
          holds={holding.holds}
          playheadMs={playheadMs}
          nowMs={nowMs}
          live={screening.live && camera.state.status === 'online'}
          selection={screening.clip}
          onView={day.setView}
          onSelect={screening.setClip}
          onScrub={screening.playback.scrub}
          onSeek={screening.seek}
        />
      )}
      <div className={classes['dayRow']}>
        <DayBar day={day.day} nowMs={nowMs} onDay={day.setDay} />
        {day.coverage?.any.length === 0 ? (
          <span className={classes['emptyDay']}>{strings.timeline.empty}</span>
        ) : (
          <Legend {...{ events, view: day.view }} coverage={day.coverage} holds={holding.holds} />
        )}
        <ZoomButtons view={day.view} bounds={day.bounds} playheadMs={playheadMs} onView={day.setView} />
      </div>
    </>
  );
}
