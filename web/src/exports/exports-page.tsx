import { Button, Text, Title } from '@mantine/core';
import { IconFileExport } from '@tabler/icons-react';
import { Link } from 'react-router';
import { useCameras } from '#data';
import { FailurePanel, Panel, strings, TileSkeletons } from '#ui';
import { ExportForm } from './export-form.tsx';
import { JobCard } from './job-card.tsx';
import { useExports } from './use-exports.ts';
import classes from './exports.module.css';

const words = strings.exports;

/** Choose cameras and a span; see how far exports are; download them. */
export function ExportsPage() {
  const cameras = useCameras();
  const exports = useExports();
  if (cameras.isPending) return <TileSkeletons count={1} />;
  if (!cameras.data) return <FailurePanel failure={cameras.error} onRetry={() => void cameras.refetch()} />;
  const nameOf = (id: string): string => cameras.data.find((camera) => camera.id === id)?.name ?? id;
  return (
    <div className={classes['page']}>
      <title>{`${words.title} · ${strings.app}`}</title>
      <Title order={1}>{words.title}</Title>
      <Text c="dimmed" maw={680}>
        {words.lead}
      </Text>
      {cameras.data.length === 0 ? <NoCameras /> : <ExportForm cameras={cameras.data} />}
      {exports.isPending ? (
        <TileSkeletons count={1} />
      ) : !exports.data ? (
        <FailurePanel failure={exports.error} onRetry={() => void exports.refetch()} />
      ) : exports.data.length === 0 ? (
        cameras.data.length > 0 && (
          <Panel icon={<IconFileExport size={30} />} title={words.none}>
            {words.noneText}
          </Panel>
        )
      ) : (
        <ul className={classes['list']} aria-label={words.list}>
          {exports.data.map((job) => (
            <JobCard key={job.id} job={job} nameOf={nameOf} />
          ))}
        </ul>
      )}
    </div>
  );
}

function NoCameras() {
  const toWall = (
    <Button component={Link} to="/" variant="default">
      {strings.errors.toWall}
    </Button>
  );
  return (
    <Panel icon={<IconFileExport size={30} />} title={words.noCameras} action={toWall}>
      {words.noCamerasText}
    </Panel>
  );
}
