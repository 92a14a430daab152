import { Alert, Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { Link, Navigate, useSearchParams } from 'react-router';
import { ApiFailure, call } from '../api.ts';
import { sessionQuery, useSession } from '#data';
import { DoorCard, strings } from '#ui';

/** Only paths of this page: `//host` and `https:` would lead away. */
export function toInnerPath(next: string | null): string {
  return next !== null && /^\/(?![/\\])/.test(next) ? next : '/';
}

function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { email: string; password: string }) => call('signIn', { body }),
    onSuccess: (session) => client.setQueryData(sessionQuery.queryKey, session),
  });
}

/** Sign in with e-mail address and password, then back to where one was. */
export function SignInPage() {
  const session = useSession();
  const [search] = useSearchParams();
  const next = toInnerPath(search.get('next'));
  const signIn = useSignIn();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  if (session.data?.user) return <Navigate to={next} replace />;
  if (session.data?.setupNeeded) return <NeedsSetup />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate({ email: email.trim(), password });
  };
  return (
    <DoorCard title={strings.signIn.title} lead={next === '/' ? strings.signIn.lead : strings.signIn.ended}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput
            label={strings.signIn.email}
            type="email"
            name="email"
            autoComplete="username"
            required
            withAsterisk={false}
            data-autofocus
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <PasswordInput
            label={strings.signIn.password}
            name="password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          {signIn.error && <SignInTrouble failure={signIn.error} />}
          <Button type="submit" fullWidth loading={signIn.isPending}>
            {strings.signIn.submit}
          </Button>
        </Stack>
      </form>
    </DoorCard>
  );
}

/** Nobody can sign in yet. */
function NeedsSetup() {
  return (
    <DoorCard title={strings.signIn.needsSetup} lead={strings.signIn.needsSetupText}>
      <Button component={Link} to="/setup" variant="default" fullWidth>
        {strings.signIn.toSetup}
      </Button>
    </DoorCard>
  );
}

function SignInTrouble({ failure }: { failure: Error }) {
  const error = failure instanceof ApiFailure ? failure.error : undefined;
  const wrong = error?.kind === 'unauthenticated' || error?.kind === 'invalid';
  return (
    <Alert color="red" role="alert" title={wrong ? strings.signIn.wrong : failure.message}>
      {wrong ? undefined : error?.fix}
    </Alert>
  );
}
