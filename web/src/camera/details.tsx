import type { Camera, StreamStatus } from '@porchlight/contract/camera';
import { Button, Title } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { strings, toBitrate, toDateTime, toSize } from '#ui';
import classes from './camera.module.css';

const KeepingDialog = lazy(async () => ({ default: (await import('#keeping')).KeepingDialog }));
const words = strings.camera;

/** What is known of the camera: its streams, what is kept, the keys. */
export function Details({ camera }: { camera: Camera }) {
  return (
    <section className={classes['details']} aria-label={words.details}>
      <Title order={2} size="h3" className={classes['detailsTitle'] ?? ''}>
        {words.details}
      </Title>
      <div className={classes['cards']}>
        {camera.streams.map((stream) => (
          <StreamCard key={stream.name} stream={stream} online={camera.state.status === 'online'} />
        ))}
        <KeptCard camera={camera} />
      </div>
      <p className={classes['keys']}>{words.keys}</p>
    </section>
  );
}

/** Whether it is recorded now, and if not whether that is as it should be. */
function toRecordingText(recording: boolean, { mode }: StreamStatus): string {
  if (recording) return words.recording;
  if (mode === 'events') return strings.recording.waiting;
  return mode === 'off' ? strings.recording.off : words.notRecording;
}

/** How much there is and for how long it will do, with the way to change that. */
function KeptCard({ camera }: { camera: Camera }) {
  const [changing, setChanging] = useState(false);
  const { usedBytes, oldestMs, kept, budget, capBytes } = camera;
  const own = budget !== undefined || capBytes !== undefined;
  const facts = [
    ...(oldestMs === undefined ? [] : [words.since(toDateTime(oldestMs))]),
    ...(kept?.days === undefined ? [] : [strings.keeping.lasts(strings.storage.days(kept.days)).toLowerCase()]),
    ...(own ? [strings.storage.ownBudget] : []),
  ];
  return (
    <div className={classes['card']}>
      <h3>{words.kept}</h3>
      <p className={classes['big']}>{usedBytes === undefined ? strings.unknown : toSize(usedBytes)}</p>
      <p>{facts.join(' · ')}</p>
      <Button variant="subtle" size="compact-sm" className={classes['change'] ?? ''} onClick={() => setChanging(true)}>
        {strings.keeping.change}
      </Button>
      <Suspense>{changing && <KeepingDialog camera={camera} onClose={() => setChanging(false)} />}</Suspense>
    </div>
  );
}

/** What was last said of a stream; that it is recorded holds only while the camera is there. */
function StreamCard({ stream, online }: { stream: StreamStatus; online: boolean }) {
  const recording = online && stream.recording;
  const codec = stream.codec === 'h265' ? 'H.265' : 'H.264';
  return (
    <div className={classes['card']}>
      <h3>{words.streams[stream.name]}</h3>
      <p className={classes['big']}>
        {stream.widthPx} × {stream.heightPx}
      </p>
      <p>
        {codec} · {stream.fps.toFixed(stream.fps % 1 === 0 ? 0 : 1)} fps · {toBitrate(stream.bitrateBps)}
      </p>
      <p data-recording={recording || undefined}>{toRecordingText(recording, stream)}</p>
    </div>
  );
}
