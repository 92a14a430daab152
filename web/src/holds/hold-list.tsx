import type { Camera } from '@porchlight/contract/camera';
import type { Hold } from '@porchlight/contract/storage';
import { Button, Skeleton, Title, UnstyledButton } from '@mantine/core';
import { IconLock, IconPlayerPlayFilled } from '@tabler/icons-react';
import { useState } from 'react';
import { FailureLine, strings, toDuration, toSize, toSpanText } from '#ui';
import { isShared } from './hold-values.ts';
import classes from './holds.module.css';
import { ReleaseDialog } from './release-dialog.tsx';
import type { Holding } from './use-holds.ts';

const words = strings.holds;

type HoldListProps = {
  readonly camera: Camera;
  readonly holding: Holding;
  readonly nowMs: number;
  readonly onPlay: (hold: Hold) => void;
};

/** Everything of a camera that is kept for good, with why and what it takes; a click plays it, a button lets it go. */
export function HoldList({ camera, holding: { holds, failure, retry }, nowMs, onPlay }: HoldListProps) {
  const [releasing, setReleasing] = useState<Hold>();
  const heldBytes = camera.kept?.heldBytes;
  return (
    <section className={classes['holds']} aria-label={words.title}>
      <div className={classes['head']}>
        <Title order={2} size="h3">
          {words.title}
        </Title>
        {holds !== undefined && holds.length > 0 && heldBytes !== undefined && (
          <span className={classes['sum']}>{words.count(holds.length, toSize(heldBytes))}</span>
        )}
      </div>
      {failure && <FailureLine title={words.failed} failure={failure} onRetry={retry} />}
      {!holds && !failure && <Skeleton height={54} radius="md" role="status" aria-label={strings.loading} />}
      {holds?.length === 0 && <p className={classes['none']}>{words.none}</p>}
      {holds !== undefined && holds.length > 0 && (
        <ul className={classes['list']}>
          {holds.map((hold) => (
            <Row key={hold.id} {...{ hold, nowMs, onPlay }} onRelease={() => setReleasing(hold)} />
          ))}
        </ul>
      )}
      {releasing && holds && (
        <ReleaseDialog
          camera={camera.id}
          hold={releasing}
          shared={isShared(holds, releasing)}
          onClose={() => setReleasing(undefined)}
        />
      )}
    </section>
  );
}

type RowProps = Pick<HoldListProps, 'nowMs' | 'onPlay'> & { readonly hold: Hold; readonly onRelease: () => void };

function Row({ hold, nowMs, onPlay, onRelease }: RowProps) {
  const what = hold.note || words.noNote;
  const when = toSpanText(hold.fromMs, hold.toMs);
  const length = hold.toMs > nowMs ? words.coming : toDuration(hold.toMs - hold.fromMs);
  const facts = [when, [length, ...(hold.bytes === undefined ? [] : [toSize(hold.bytes)])].join(' · ')];
  return (
    <li className={classes['row']}>
      <UnstyledButton
        className={classes['open'] ?? ''}
        aria-label={words.play(what, when)}
        disabled={hold.fromMs > nowMs}
        onClick={() => onPlay(hold)}
      >
        <span className={classes['icon']} aria-hidden>
          <IconLock size={18} />
          <IconPlayerPlayFilled size={18} />
        </span>
        <span className={classes['what']}>
          <span data-empty={hold.note === '' || undefined}>{what}</span>
          <span className={classes['facts']}>
            {facts.map((fact) => (
              <span key={fact}>{fact}</span>
            ))}
          </span>
        </span>
      </UnstyledButton>
      <Button variant="default" size="sm" aria-label={words.releaseLabel(what, when)} onClick={onRelease}>
        {words.release}
      </Button>
    </li>
  );
}
