import { Alert, Button, Skeleton, Text, Title } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { ApiFailure } from '../api.ts';
import classes from './panel.module.css';
import { toPlainText } from './format.ts';
import { strings } from './strings.ts';

type PanelProps = { icon: ReactNode; title: string; children?: ReactNode; action?: ReactNode };

/** A page or a part of one that has no content: says why and what to do. */
export function Panel({ icon, title, children, action }: PanelProps) {
  return (
    <div className={classes['panel']}>
      <div className={classes['icon']} aria-hidden>
        {icon}
      </div>
      <Title order={2}>{title}</Title>
      {children !== undefined && (
        <Text c="dimmed" maw={440} component="div">
          {children}
        </Text>
      )}
      {action}
    </div>
  );
}

/** What a failed request says and how to go on. */
export function FailurePanel({ failure, onRetry }: { failure: Error; onRetry?: () => void }) {
  const error = failure instanceof ApiFailure ? failure.error : undefined;
  const retry = onRetry && (
    <Button variant="default" onClick={onRetry}>
      {strings.tryAgain}
    </Button>
  );
  return (
    <div role="alert">
      <Panel icon={<IconAlertTriangle size={30} />} title={error?.message ?? strings.errors.title} action={retry}>
        {error?.fix ?? (error ? undefined : failure.message)}
      </Panel>
    </div>
  );
}

/** The same in one line, for a part of a page beside others that work. */
export function FailureLine({ title, failure, onRetry }: { title: string; failure: Error; onRetry: () => void }) {
  return (
    <div role="alert" className={classes['line']}>
      <IconAlertTriangle size={20} aria-hidden />
      <span>
        {title} {failure.message}
      </span>
      <Button variant="default" size="sm" onClick={onRetry}>
        {strings.tryAgain}
      </Button>
    </div>
  );
}

/** Why something that was asked for was not done, in a form or dialog. */
export function FailureNote({ failure, title = toPlainText(failure.message) }: { failure: Error; title?: string }) {
  return (
    <Alert color="red" role="alert" icon={<IconAlertTriangle size={20} />} title={title}>
      {failure instanceof ApiFailure ? failure.error.fix : undefined}
    </Alert>
  );
}

/** Grey shapes where cameras will be. */
export function TileSkeletons({ count }: { count: number }) {
  return (
    <div className={classes['skeletons']} aria-busy aria-label={strings.loading} role="status">
      {Array.from({ length: count }, (_unused, index) => (
        <Skeleton key={index} radius="lg" className={classes['skeleton'] ?? ''} />
      ))}
    </div>
  );
}
