import type { Camera } from '@porchlight/contract/camera';
import { Button, Loader } from '@mantine/core';
import { IconInfoCircle, IconPlayerPause, IconShieldExclamation, IconVideoOff } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type MouseEvent } from 'react';
import { useSearchParams } from 'react-router';
import { call } from '../api.ts';
import { canPlay, findPath, LiveView, toRungText, toWhyText } from '#live';
import { StateBadge, strings, toDateTime, toStateText } from '#ui';
import { TrustCertificate, useTrustCertificate } from './trust-certificate.tsx';
import type { Screening } from './use-screening.ts';
import classes from './camera.module.css';

/** The picture: live, played back, or the key frame under the finger; one shape, nothing jumps. */
export function Stage({ camera, screening }: { camera: Camera; screening: Screening }) {
  const { live, playback, sound } = screening;
  const only = findPath(useSearchParams()[0].get('live'));
  const phase = playback.state?.phase;
  const still = playback.scrubMs !== undefined || phase === 'loading';
  const toggle = () => (live ? undefined : playback.setPlaying(!playback.playing));
  return (
    <div className={classes['stage']} onClick={toggle}>
      {live && (
        <LiveView ref={screening.liveView} camera={camera} sound={sound} only={only} onState={screening.setLiveState} />
      )}
      <video
        ref={playback.videoRef}
        className={classes['video']}
        hidden={live}
        playsInline
        aria-label={strings.live.videoLabel(camera.name)}
      />
      <canvas ref={playback.canvasRef} className={classes['scrub']} hidden={live || !still} aria-hidden />
      {live && <OffNote camera={camera} />}
      <div className={classes['chips']}>
        {live ? (
          camera.state.status !== 'online' && <StateBadge state={camera.state} onPicture />
        ) : (
          <span className={classes['chip']}>{toDateTime(screening.playheadMs)}</span>
        )}
        {live && camera.state.status === 'online' && <WhyChip screening={screening} />}
      </div>
      {!live && <PlaybackNote camera={camera} screening={screening} />}
    </div>
  );
}

const explainMs = 12_000;

/** The path in use; why it is not a better one stands there in words at first and again at a touch. */
function WhyChip({ screening }: { screening: Screening }) {
  const { liveState } = screening;
  const why = liveState?.phase === 'live' ? toWhyText(liveState) : undefined;
  const [open, setOpen] = useState(true);
  useEffect(() => {
    setOpen(true);
    const timer = setTimeout(() => setOpen(false), explainMs);
    return () => clearTimeout(timer);
  }, [why]);
  if (liveState?.phase !== 'live') return null;
  if (why === undefined) return <span className={classes['chip']}>{toRungText(liveState)}</span>;
  const toggle = (event: MouseEvent) => {
    event.stopPropagation();
    setOpen(!open);
  };
  return (
    <button
      type="button"
      className={`${classes['chip']} ${classes['why']}`}
      aria-expanded={open}
      aria-label={why}
      onClick={toggle}
    >
      <IconInfoCircle size={15} aria-hidden />
      {open ? why : toRungText(liveState)}
    </button>
  );
}

function OffNote({ camera }: { camera: Camera }) {
  const client = useQueryClient();
  const resume = useMutation({
    mutationFn: () => call('patchCamera', { params: { id: camera.id }, body: { paused: false } }),
    onSuccess: () => client.invalidateQueries(),
  });
  const trust = useTrustCertificate(camera);
  const { status, reason } = camera.state;
  // While the new one is being taken the camera is paused for a moment: the note stays.
  const certificate = reason === 'certificate-changed' || trust.isPending;
  if (!certificate && (status === 'online' || status === 'starting')) return null;
  const paused = status === 'paused' && !certificate;
  const Icon = certificate ? IconShieldExclamation : paused ? IconPlayerPause : IconVideoOff;
  return (
    <div className={classes['note']} role="status">
      <Icon size={34} aria-hidden />
      {certificate && <TrustCertificate trust={trust} />}
      {!certificate && <p>{paused ? strings.pausedText : toStateText(camera.state)}</p>}
      {paused && (
        <Button loading={resume.isPending} onClick={() => resume.mutate()}>
          {strings.resume}
        </Button>
      )}
    </div>
  );
}

function PlaybackNote({ camera, screening }: { camera: Camera; screening: Screening }) {
  const { playback, goLive } = screening;
  const phase = playback.scrubMs === undefined ? playback.state?.phase : undefined;
  if (phase === 'loading') {
    return (
      <div className={classes['seeking']} role="status" aria-label={strings.playback.seeking}>
        <Loader color="white" size="sm" />
      </div>
    );
  }
  if (phase !== 'failed' && phase !== 'ended') return null;
  return (
    <div className={classes['note']} role="alert" onClick={(event) => event.stopPropagation()}>
      <p>{phase === 'failed' ? toFailedText(camera) : strings.playback.end}</p>
      <Button variant="default" onClick={phase === 'failed' ? () => playback.setPlaying(true) : goLive}>
        {phase === 'failed' ? strings.tryAgain : strings.playback.goLive}
      </Button>
    </div>
  );
}

/** Why footage does not play: most often a coding that this browser lacks. */
function toFailedText(camera: Camera): string {
  const main = camera.streams.find(({ name }) => name === 'main');
  if (!main || canPlay(main.codecString)) return strings.playback.failed;
  return strings.playback.notHere(main.codec === 'h265' ? 'H.265' : main.codecString);
}
