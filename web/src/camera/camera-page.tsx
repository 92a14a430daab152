import { Skeleton } from '@mantine/core';
import { useParams } from 'react-router';
import { ApiFailure } from '../api.ts';
import { useCamera } from '#data';
import { NotFound } from '#shell';
import { FailurePanel, strings } from '#ui';
import { CameraScreen } from './camera-screen.tsx';
import classes from './camera.module.css';

/** One camera: live, its day, its details. */
export function CameraPage() {
  const { id = '' } = useParams();
  const camera = useCamera(id);
  if (camera.data === undefined) {
    if (camera.isPending) return <PageSkeleton />;
    if (camera.error instanceof ApiFailure && ['not-found', 'invalid'].includes(camera.error.error.kind))
      return <NotFound />;
    return <FailurePanel failure={camera.error} onRetry={() => void camera.refetch()} />;
  }
  return (
    <>
      <title>{`${camera.data.name} · ${strings.app}`}</title>
      <CameraScreen key={id} camera={camera.data} />
    </>
  );
}

function PageSkeleton() {
  return (
    <div className={classes['page']} role="status" aria-busy aria-label={strings.loading}>
      <div className={classes['stage']}>
        <Skeleton height="100%" radius={0} />
      </div>
      <div className={classes['below']}>
        <Skeleton height={44} radius="md" />
        <Skeleton height={76} radius="md" />
      </div>
    </div>
  );
}
