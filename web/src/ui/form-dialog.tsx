import { Modal, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useEffect, useState, type ReactNode } from 'react';
import { strings } from './strings.ts';

type FormDialogProps = {
  readonly title: string;
  /** `lg` fills a phone's screen. */
  readonly size?: 'md' | 'lg';
  readonly onClose: () => void;
  readonly children: ReactNode;
};

/** The frame of every dialog. */
export function FormDialog({ title, size = 'md', onClose, children }: FormDialogProps) {
  useFocusBack();
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

/** Mantine gives the focus back to a dialog that opens and closes; one that comes and goes does it itself. */
function useFocusBack(): void {
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    },
    [before],
  );
}
