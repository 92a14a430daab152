import type { Camera } from '@porchlight/contract/camera';
import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../api.ts';
import { camerasQuery } from '#data';
import { strings } from '#ui';
import classes from './wall.module.css';

/** Says that the street is a demo and takes it away, footage and all, at one click. */
export function DemoNote({ camera }: { camera: Camera }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => call('removeCamera', { params: { id: camera.id }, query: { footage: 'delete' } }),
    onSuccess: () => client.invalidateQueries({ queryKey: camerasQuery.queryKey }),
  });
  return (
    <aside className={classes['demoNote']}>
      <span>{strings.wall.demoText}</span>
      <Button variant="subtle" size="sm" loading={remove.isPending} onClick={() => remove.mutate()}>
        {strings.wall.demoRemove}
      </Button>
    </aside>
  );
}
