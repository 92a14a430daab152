import { Text } from '@mantine/core';
import { ApiFailure } from '../api.ts';

/** What the house says went wrong, and what to do. */
export function Failed({ failure }: { failure: Error }) {
  const fix = failure instanceof ApiFailure ? failure.error.fix : undefined;
  return (
    <Text c="red" size="sm" role="alert">
      {[failure.message, fix].filter((part) => part !== undefined).join(' · ')}
    </Text>
  );
}
