import {
  Anchor,
  Box,
  Collapse,
  Group,
  Menu,
  NumberInput,
  PasswordInput,
  SegmentedControl,
  Stack,
  Text,
  TextInput,
  UnstyledButton,
} from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import { strings } from '#ui';
import type { SourceFields } from './source-values.ts';

const words = strings.form;

type FieldsProps = {
  readonly fields: SourceFields;
  readonly onChange: (change: Partial<SourceFields>) => void;
  /** Credentials are stored already. */
  readonly stored?: boolean;
};

/** Where the camera is and how to get in. */
export function SourceFieldset({ fields, onChange, stored = false }: FieldsProps) {
  const text = (key: 'name' | 'url' | 'username') => ({
    value: fields[key],
    onChange: (event: { currentTarget: { value: string } }) => onChange({ [key]: event.currentTarget.value }),
  });
  return (
    <Stack gap="md">
      <TextInput
        label={words.name}
        placeholder={words.nameExample}
        maxLength={80}
        autoComplete="off"
        {...text('name')}
      />
      <Box pos="relative">
        <TextInput
          label={words.address}
          description={words.addressNote}
          placeholder={words.addressExample}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          inputMode="url"
          {...text('url')}
        />
        <Box pos="absolute" top={0} right={0}>
          <Examples onPick={(url) => onChange({ url })} />
        </Box>
      </Box>
      {!fields.url.trim().startsWith('/') && (
        <Group grow align="flex-start">
          <TextInput
            label={words.username}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            {...text('username')}
          />
          <PasswordInput
            label={words.password}
            placeholder={stored ? words.passwordStored : undefined}
            autoComplete="new-password"
            value={fields.password}
            onChange={({ currentTarget }) => onChange({ password: currentTarget.value })}
          />
        </Group>
      )}
      <MoreFields fields={fields} onChange={onChange} />
    </Stack>
  );
}

function Examples({ onPick }: { onPick: (url: string) => void }) {
  return (
    <Menu position="bottom-end" radius="md" shadow="lg">
      <Menu.Target>
        <Anchor component="button" type="button" size="sm">
          {words.examples}
        </Anchor>
      </Menu.Target>
      <Menu.Dropdown>
        {words.exampleList.map(({ label, value }) => (
          <Menu.Item key={label} onClick={() => onPick(value)}>
            <Text size="sm" fw={600}>
              {label}
            </Text>
            <Text size="xs" c="dimmed" ff="monospace">
              {value}
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function MoreFields({ fields, onChange }: FieldsProps) {
  const [open, setOpen] = useState(fields.subUrl !== '' || fields.stallSeconds !== '');
  const Chevron = open ? IconChevronDown : IconChevronRight;
  return (
    <div>
      <UnstyledButton aria-expanded={open} onClick={() => setOpen(!open)} c="dimmed" fz="sm" fw={550}>
        <Group gap={4}>
          <Chevron size={16} aria-hidden /> {words.more}
        </Group>
      </UnstyledButton>
      <Collapse expanded={open}>
        <Stack gap="md" pt="sm">
          <TextInput
            label={words.sub}
            description={words.subNote}
            autoComplete="off"
            spellCheck={false}
            value={fields.subUrl}
            onChange={({ currentTarget }) => onChange({ subUrl: currentTarget.value })}
          />
          <div>
            <Text size="sm" fw={500} mb={4} id="transport-label">
              {words.transport}
            </Text>
            <SegmentedControl
              fullWidth
              aria-labelledby="transport-label"
              value={fields.transport}
              onChange={(value) => onChange({ transport: value })}
              data={(['auto', 'tcp', 'udp'] as const).map((value) => ({ value, label: words.transports[value] }))}
            />
          </div>
          <NumberInput
            label={words.stall}
            description={words.stallNote}
            allowNegative={false}
            clampBehavior="none"
            value={fields.stallSeconds}
            onChange={(stallSeconds) => onChange({ stallSeconds })}
          />
        </Stack>
      </Collapse>
    </div>
  );
}
