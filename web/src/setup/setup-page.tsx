import { Alert, Button, List, PasswordInput, Progress, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { Link, Navigate, useLocation } from 'react-router';
import { ApiFailure, call } from '../api.ts';
import { sessionQuery, useSession } from '#data';
import { DoorCard, strings } from '#ui';
import { findSetupToken, toPasswordStrength } from './setup-link.ts';

const words = strings.setup;

/** First run: the one-time link becomes the owner's account. */
export function SetupPage() {
  const session = useSession();
  const { search, hash } = useLocation();
  const token = findSetupToken(search, hash);
  if (session.data?.user) return <Navigate to="/storage?first" replace />;
  if (session.data?.setupNeeded === false) {
    return (
      <DoorCard title={words.done} lead={words.doneText}>
        <Button component={Link} to="/sign-in" fullWidth>
          {words.toSignIn}
        </Button>
      </DoorCard>
    );
  }
  return <SetupForm given={token} />;
}

function Steps() {
  return (
    <List type="ordered" size="sm" spacing={4} c="dimmed">
      {words.steps.map((step) => (
        <List.Item key={step}>{step}</List.Item>
      ))}
    </List>
  );
}

function useSetup() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { token: string; email: string; password: string; name: string }) => call('setup', { body }),
    onSuccess: (session) => client.setQueryData(sessionQuery.queryKey, session),
  });
}

function SetupForm({ given }: { given: string }) {
  const setup = useSetup();
  const [fields, setFields] = useState({ token: given, name: '', email: '', password: '' });
  const field = (key: keyof typeof fields) => ({
    value: fields[key],
    required: true,
    withAsterisk: false,
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setFields((before) => ({ ...before, [key]: value }));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setup.mutate({ ...fields, token: fields.token.trim(), email: fields.email.trim(), name: fields.name.trim() });
  };
  return (
    <DoorCard title={words.title} lead={words.lead}>
      <form onSubmit={submit}>
        <Stack gap="md">
          {given === '' && (
            <>
              <Alert color="amber" title={words.noLink}>
                {words.noLinkText}
              </Alert>
              <TextInput label={words.token} description={words.tokenNote} autoComplete="off" {...field('token')} />
            </>
          )}
          <TextInput label={words.name} name="name" autoComplete="name" maxLength={80} {...field('name')} />
          <TextInput
            label={words.email}
            description={words.emailNote}
            type="email"
            name="email"
            autoComplete="username"
            {...field('email')}
          />
          <PasswordInput
            label={words.password}
            description={words.passwordNote}
            name="password"
            autoComplete="new-password"
            minLength={10}
            {...field('password')}
          />
          <Strength password={fields.password} />
          {setup.error && <SetupTrouble failure={setup.error} />}
          <Button type="submit" fullWidth loading={setup.isPending}>
            {words.submit}
          </Button>
          <Steps />
        </Stack>
      </form>
    </DoorCard>
  );
}

function Strength({ password }: { password: string }) {
  if (password === '') return null;
  const level = toPasswordStrength(password);
  const color = ['red', 'red', 'orange', 'teal', 'teal'][level] ?? 'red';
  return (
    <div aria-live="polite">
      <Progress value={[12, 30, 55, 80, 100][level] ?? 12} color={color} size="sm" radius="xl" aria-hidden />
      <Text size="sm" c="dimmed" mt={4}>
        {words.strength[level]}
      </Text>
    </div>
  );
}

function SetupTrouble({ failure }: { failure: Error }) {
  const error = failure instanceof ApiFailure ? failure.error : undefined;
  const used = error?.kind === 'forbidden' || error?.kind === 'not-found';
  return (
    <Alert color="red" role="alert" title={used ? words.usedTitle : failure.message}>
      {used ? (error.fix ?? words.usedText) : error?.fix}
    </Alert>
  );
}
