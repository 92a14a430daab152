import type { SourceTest } from '@porchlight/contract/camera';
import { Alert, Group, List, Loader, Text } from '@mantine/core';
import { IconCircleCheck, IconPlugConnectedX } from '@tabler/icons-react';
import { ApiFailure } from '../api.ts';
import { strings, toPlainText } from '#ui';

const words = strings.form;

/** What connecting to the camera found, or why it did not work and what to do. */
export function TestResult({
  pending,
  result,
  failure,
}: {
  pending: boolean;
  result: SourceTest | undefined;
  failure: Error | null;
}) {
  return (
    <div aria-live="polite">
      {pending ? (
        <Group gap="sm" c="dimmed">
          <Loader size="sm" /> {words.testing}
        </Group>
      ) : failure ? (
        <Alert color="red" icon={<IconPlugConnectedX size={20} />} title={toPlainText(failure.message)}>
          {failure instanceof ApiFailure ? failure.error.fix : undefined}
        </Alert>
      ) : result ? (
        <Found result={result} />
      ) : null}
    </div>
  );
}

function Found({ result }: { result: SourceTest }) {
  if (!result.ok) {
    return (
      <Alert color="red" icon={<IconPlugConnectedX size={20} />} title={result.message}>
        {result.fix}
      </Alert>
    );
  }
  return (
    <Alert color="teal" icon={<IconCircleCheck size={20} />} title={words.testOk}>
      {result.streams.map((stream) => (
        <Text key={stream.name} size="sm" fw={550}>
          {strings.camera.streams[stream.name]}: {toCodecName(stream.codec)}, {stream.widthPx} × {stream.heightPx}
          {stream.fps !== undefined && `, ${Math.round(stream.fps * 10) / 10} fps`}
          {`, ${stream.audioCodec?.toUpperCase() ?? words.noSound}`}
        </Text>
      ))}
      {result.notes.length > 0 && (
        <List size="sm" mt={6} c="dimmed">
          {result.notes.map((note) => (
            <List.Item key={note}>{note}</List.Item>
          ))}
        </List>
      )}
    </Alert>
  );
}

const toCodecName = (codec: string): string => (codec === 'h264' ? 'H.264' : codec === 'h265' ? 'H.265' : codec);
