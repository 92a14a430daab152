import type { ExportFile, ExportJob } from '@porchlight/contract/exports';
import { Alert, Anchor, Button, Group, Progress, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconDownload } from '@tabler/icons-react';
import { strings, toClock, toDateTime, toDuration, toSize } from '#ui';
import { urlOf } from '../api.ts';
import { Failed } from './failed.tsx';
import { useExportActions } from './use-exports.ts';
import classes from './exports.module.css';

const words = strings.exports;
type Names = { readonly nameOf: (camera: string) => string };

/** One export: what, how far, its files, what can be done with it. */
export function JobCard({ job, nameOf }: { job: ExportJob } & Names) {
  const { remove, resume } = useExportActions();
  const what = job.cameras.map(nameOf).join(', ');
  const failure = remove.error ?? resume.error;
  const ended = job.state === 'done' || job.state === 'failed';
  return (
    <li className={classes['card']} data-state={job.state}>
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <div className={classes['what']}>
          <strong>{what}</strong>
          <Text size="sm" c="dimmed" className="pl-number">
            {toDateTime(job.fromMs)} – {toDateTime(job.toMs)} · {toDuration(job.toMs - job.fromMs)}
          </Text>
        </div>
        <Button
          variant="default"
          flex="0 0 auto"
          size="sm"
          loading={remove.isPending}
          aria-label={ended ? words.removeLabel(what) : words.cancel}
          onClick={() => remove.mutate(job.id)}
        >
          {ended ? words.remove : words.cancel}
        </Button>
      </Group>
      <State job={job} what={what} />
      {job.error && (
        <Alert color="red" icon={<IconAlertTriangle size={20} />} title={job.error.message}>
          <Group justify="space-between">
            <span>{job.error.fix}</span>
            <Button size="sm" variant="default" loading={resume.isPending} onClick={() => resume.mutate(job.id)}>
              {words.resume}
            </Button>
          </Group>
        </Alert>
      )}
      {failure && <Failed failure={failure} />}
      {job.files.length > 0 && (
        <ul className={classes['files']}>
          {job.files.map((file) => (
            <FileLink key={file.name} job={job} file={file} nameOf={nameOf} />
          ))}
        </ul>
      )}
    </li>
  );
}

function State({ job, what }: { job: ExportJob; what: string }) {
  if (job.state === 'done') {
    return (
      <Group gap="xs" wrap="nowrap" role="status">
        <IconCircleCheck size={20} aria-hidden color="var(--mantine-color-teal-6)" />
        <Text size="sm">
          {words.states.done}. {job.expiresMs !== undefined && words.until(toDateTime(job.expiresMs))}
        </Text>
      </Group>
    );
  }
  if (job.state !== 'running') {
    return (
      <Text size="sm" c="dimmed" role="status">
        {words.states[job.state]}
      </Text>
    );
  }
  return (
    <div className={classes['running']}>
      <Text size="sm" c="dimmed" className="pl-number">
        {job.expectedBytes === 0
          ? words.measuring
          : words.progress(toSize(job.writtenBytes), toSize(Math.max(job.expectedBytes, job.writtenBytes)))}
      </Text>
      <Progress value={job.progress * 100} radius="xl" size="md" aria-label={words.progressLabel(what)} />
    </div>
  );
}

function FileLink({ job, file, nameOf }: { job: ExportJob; file: ExportFile } & Names) {
  const { camera, fromMs = job.fromMs, toMs = job.toMs } = file;
  const label =
    camera === undefined
      ? words.kinds[file.kind]
      : `${nameOf(camera)}${file.stream === 'sub' ? ` (${words.streamNames.sub})` : ''}, ${toClock(fromMs)} – ${toClock(toMs)}`;
  return (
    <li>
      <IconDownload size={18} aria-hidden />
      <Anchor href={urlOf('getExportFile', { params: { export: job.id, file: file.name } })} download>
        {label}
      </Anchor>
      <span className={classes['size']}>{toSize(file.sizeBytes)}</span>
    </li>
  );
}
