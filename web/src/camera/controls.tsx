import type { Camera } from '@porchlight/contract/camera';
import { ActionIcon, Menu, Tooltip, UnstyledButton } from '@mantine/core';
import {
  IconCamera,
  IconMaximize,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconRewindBackward10,
  IconRewindForward10,
  IconScissors,
  IconVolume,
  IconVolumeOff,
  type Icon,
} from '@tabler/icons-react';
import { strings, toClock } from '#ui';
import { StatsButton } from './stats-button.tsx';
import type { Screening } from './use-screening.ts';
import classes from './camera.module.css';

type ToolProps = {
  icon: Icon;
  label: string;
  onClick: () => void;
  disabled?: boolean;
  active?: boolean;
  big?: boolean;
};

/** A button that is an icon, with its name for those who do not see it. */
export function Tool({ icon: Glyph, label, onClick, disabled = false, active, big = false }: ToolProps) {
  const pressed = active === undefined ? {} : { 'aria-pressed': active };
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant={active ? 'light' : 'subtle'}
        color={active ? 'amber' : 'gray'}
        size={44}
        radius="xl"
        aria-label={label}
        disabled={disabled}
        onClick={onClick}
        className={classes['tool'] ?? ''}
        {...pressed}
      >
        <Glyph size={big ? 26 : 21} />
      </ActionIcon>
    </Tooltip>
  );
}

/** What the hand does: play, jump, speed, live; sound, picture, clip, details, full screen. */
export function Controls({ camera, screening }: { camera: Camera; screening: Screening }) {
  const hasSound = camera.streams.some(({ audioCodec }) => audioCodec !== undefined);
  const { sound } = screening;
  const soundLabel = !hasSound ? strings.live.noSound : sound ? strings.live.soundOff : strings.live.soundOn;
  return (
    <div className={classes['controls']} role="toolbar" aria-label={camera.name}>
      <Transport screening={screening} />
      <LiveButton screening={screening} online={camera.state.status === 'online'} />
      <div className={classes['tools']}>
        <Tool
          icon={sound ? IconVolume : IconVolumeOff}
          label={soundLabel}
          disabled={!hasSound}
          active={sound}
          onClick={() => screening.setSound(!sound)}
        />
        <Tool icon={IconCamera} label={strings.live.snapshot} onClick={() => void screening.saveSnapshot()} />
        <Tool
          icon={IconScissors}
          label={screening.clip ? strings.clip.done : strings.clip.select}
          active={screening.clip !== undefined}
          onClick={() => (screening.clip ? screening.setClip(undefined) : screening.startClip())}
        />
        <StatsButton camera={camera} screening={screening} />
        <Tool icon={IconMaximize} label={strings.live.fullScreen} onClick={screening.toggleFullScreen} />
      </div>
    </div>
  );
}

function Transport({ screening }: { screening: Screening }) {
  const { live, playback, jump } = screening;
  const playing = live || playback.playing;
  const toggle = () => (live ? jump(-10_000) : playback.setPlaying(!playback.playing));
  return (
    <div className={classes['transport']}>
      <Tool icon={IconRewindBackward10} label={strings.playback.back} onClick={() => jump(-10_000)} />
      {!live && (
        <Tool
          icon={playing ? IconPlayerPauseFilled : IconPlayerPlayFilled}
          label={playing ? strings.playback.pause : strings.playback.play}
          onClick={toggle}
          big
        />
      )}
      {!live && <Tool icon={IconRewindForward10} label={strings.playback.forward} onClick={() => jump(10_000)} />}
      {!live && <SpeedMenu screening={screening} />}
    </div>
  );
}

const speeds = [0.5, 1, 2, 4, 8];

function SpeedMenu({ screening }: { screening: Screening }) {
  const { speed, setSpeed } = screening.playback;
  return (
    <Menu position="top" radius="md">
      <Menu.Target>
        <UnstyledButton className={classes['speed'] ?? ''} aria-label={`${strings.playback.speed}: ${speed}×`}>
          {speed}×
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {speeds.map((each) => (
          <Menu.Item key={each} fw={each === speed ? 700 : 400} onClick={() => setSpeed(each)}>
            {each}×
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function LiveButton({ screening, online }: { screening: Screening; online: boolean }) {
  const { live, goLive, playheadMs } = screening;
  return (
    <div className={classes['when']}>
      <time className="pl-number" dateTime={new Date(playheadMs).toISOString()}>
        {toClock(playheadMs)}
      </time>
      <UnstyledButton
        className={classes['liveButton'] ?? ''}
        data-live={(live && online) || undefined}
        onClick={goLive}
        aria-label={live ? strings.playback.isLive : strings.playback.goLive}
        aria-pressed={live}
      >
        <span aria-hidden />
        {strings.playback.isLive}
      </UnstyledButton>
    </div>
  );
}
