import { Avatar, Menu, SegmentedControl, Text, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { IconDatabase, IconDeviceDesktop, IconFileExport, IconLogout, IconMoon, IconSun } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from 'react-router';
import { call } from '../api.ts';
import { sessionQuery } from '#data';
import { strings } from '#ui';

const schemes = [
  { value: 'auto', icon: IconDeviceDesktop, label: strings.menu.system },
  { value: 'light', icon: IconSun, label: strings.menu.light },
  { value: 'dark', icon: IconMoon, label: strings.menu.dark },
];

function ThemeChoice() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <SegmentedControl
      fullWidth
      aria-label={strings.menu.theme}
      value={colorScheme}
      onChange={(value) => setColorScheme(value as 'auto' | 'light' | 'dark')}
      data={schemes.map(({ value, icon: Icon, label }) => ({
        value,
        label: <Icon size={18} aria-label={label} style={{ display: 'block', margin: '2px auto' }} />,
      }))}
    />
  );
}

/** Who is signed in, appearance, sign out. */
export function AccountMenu({ name, email }: { name: string; email: string }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const signOut = useMutation({
    mutationFn: () => call('signOut', {}),
    onSettled: async () => {
      client.clear();
      client.setQueryData(sessionQuery.queryKey, { setupNeeded: false });
      await navigate('/sign-in');
    },
  });
  return (
    <Menu width={260} position="bottom-end" shadow="lg" radius="lg">
      <Menu.Target>
        <UnstyledButton aria-label={strings.menu.label} style={{ borderRadius: '50%' }}>
          <Avatar color="amber" name={name} size={36} variant="light" />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown p="xs">
        <Text fw={600} px="xs" pt={4} truncate>
          {name}
        </Text>
        <Text size="sm" c="dimmed" px="xs" pb="xs" truncate>
          {email}
        </Text>
        <Menu.Label>{strings.menu.theme}</Menu.Label>
        <ThemeChoice />
        <Menu.Divider my="xs" />
        <Menu.Item leftSection={<IconDatabase size={18} />} component={Link} to="/storage">
          {strings.storage.title}
        </Menu.Item>
        <Menu.Item leftSection={<IconFileExport size={18} />} component={Link} to="/exports">
          {strings.exports.title}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={18} />} onClick={() => signOut.mutate()}>
          {strings.menu.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
