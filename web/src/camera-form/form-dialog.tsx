import { Modal, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { strings } from '#ui';

type FormDialogProps = {
  readonly title: string;
  /** `lg` fills a phone's screen. */
  readonly size?: 'md' | 'lg';
  readonly onClose: () => void;
  readonly children: ReactNode;
};

/** The frame of every dialog about a camera. */
export function FormDialog({ title, size = 'md', onClose, children }: FormDialogProps) {
  const phone = useMediaQuery('(max-width: 600px)') ?? false;
  return (
    <Modal
      opened
      onClose={onClose}
      title={
        <Text fw={650} size="lg" component="span">
          {title}
        </Text>
      }
      size={size}
      fullScreen={phone && size === 'lg'}
      radius="lg"
      closeButtonProps={{ 'aria-label': strings.close }}
    >
      {children}
    </Modal>
  );
}
