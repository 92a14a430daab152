import type { Hold } from '@porchlight/contract/storage';
import { Button, Group, Stack, Text } from '@mantine/core';
import { FailureNote, FormDialog, strings, toSize, toSpanText } from '#ui';
import { useRelease } from './use-holds.ts';

const words = strings.holds;

type ReleaseDialogProps = {
  readonly camera: string;
  readonly hold: Hold;
  /** Another span keeps a part of it too. */
  readonly shared: boolean;
  readonly onClose: () => void;
};

/** Asks before footage is let go: that cannot be taken back once it is deleted. */
export function ReleaseDialog({ camera, hold, shared, onClose }: ReleaseDialogProps) {
  const release = useRelease(camera, onClose);
  const frees = hold.bytes !== undefined && hold.bytes > 0 && words.releaseFrees(toSize(hold.bytes));
  return (
    <FormDialog title={words.releaseTitle} onClose={onClose}>
      <Stack gap="md">
        <div>
          <Text fw={600}>{hold.note || words.noNote}</Text>
          <Text className="pl-number">{toSpanText(hold.fromMs, hold.toMs)}</Text>
          <Text size="sm" c="dimmed" mt={4}>
            {words.releaseText} {shared ? words.releaseShared : frees}
          </Text>
        </div>
        {release.error && <FailureNote failure={release.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {strings.cancel}
          </Button>
          <Button color="red.8" loading={release.isPending} onClick={() => release.mutate(hold)}>
            {words.release}
          </Button>
        </Group>
      </Stack>
    </FormDialog>
  );
}
