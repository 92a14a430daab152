import type { Camera } from '@porchlight/contract/camera';
import { ActionIcon, Popover, Tooltip } from '@mantine/core';
import { IconActivity } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { toRungText, toWhyText, type LiveHandle } from '#live';
import { strings, toBitrate } from '#ui';
import type { Screening } from './use-screening.ts';
import classes from './camera.module.css';

type Stats = Awaited<NonNullable<ReturnType<LiveHandle['stats']>>>;
const words = strings.stats;

/** Opens the details of picture and network. */
export function StatsButton({ camera, screening }: { camera: Camera; screening: Screening }) {
  return (
    <Popover position="top-end" width={320} radius="lg" shadow="xl" withArrow>
      <Popover.Target>
        <Tooltip label={strings.live.stats}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={44}
            radius="xl"
            aria-label={strings.live.stats}
            className={classes['tool'] ?? ''}
          >
            <IconActivity size={21} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        <StatsTable camera={camera} screening={screening} />
      </Popover.Dropdown>
    </Popover>
  );
}

function useStats(screening: Screening): { stats: Stats | undefined; bitrateBps: number | undefined } {
  const [stats, setStats] = useState<Stats>();
  const [bitrateBps, setBitrate] = useState<number>();
  const { liveView } = screening;
  useEffect(() => {
    let before: { bytes: number; atMs: number } | undefined;
    const read = async (): Promise<void> => {
      const next = await liveView.current?.stats();
      setStats(next);
      if (next?.bytesReceived === undefined) return;
      const atMs = performance.now();
      if (before && next.bytesReceived >= before.bytes)
        setBitrate(((next.bytesReceived - before.bytes) * 8000) / (atMs - before.atMs));
      before = { bytes: next.bytesReceived, atMs };
    };
    void read();
    const timer = setInterval(() => void read(), 1000);
    return () => clearInterval(timer);
  }, [liveView]);
  return { stats, bitrateBps };
}

function StatsTable({ camera, screening }: { camera: Camera; screening: Screening }) {
  const { stats, bitrateBps } = useStats(screening);
  const { liveState, live } = screening;
  const stream = camera.streams.find(({ name }) => name === (liveState?.rung.stream ?? 'main')) ?? camera.streams[0];
  const why = toWhyText(liveState);
  const ms = (value: number | undefined) => (value === undefined ? undefined : `${Math.round(value)} ms`);
  const size = stats && stats.widthPx > 0 ? stats : stream;
  const lost = stats?.packetsLost ?? stream?.packetsLost;
  const rows: [string, string | undefined][] = [
    [words.path, live && liveState ? toRungText(liveState) : strings.live.path.hls],
    [words.codec, stream && `${stream.codec === 'h265' ? 'H.265' : 'H.264'} · ${stream.codecString}`],
    [words.size, size && `${size.widthPx} × ${size.heightPx}`],
    [words.fps, (stats?.fps ?? stream?.fps)?.toFixed(1)],
    [words.bitrate, toBitrate(bitrateBps ?? stream?.bitrateBps ?? 0)],
    [words.lost, lost?.toLocaleString()],
    [words.dropped, stats?.framesDropped?.toLocaleString()],
    [words.lag, ms(stats?.lagMs)],
    [words.roundTrip, ms(stats?.roundTripMs)],
    [words.firstFrame, ms(stats?.firstPictureMs)],
    [words.audio, stream?.audioCodec?.toUpperCase() ?? words.none],
    [words.transport, stream?.transport.toUpperCase()],
  ];
  return (
    <>
      <dl className={classes['stats']}>
        {rows.map(([name, value]) =>
          value === undefined ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
      </dl>
      {live && why !== undefined && <p className={classes['statsWhy']}>{why}</p>}
    </>
  );
}
