import { Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './door-card.module.css';
import { Logo } from './logo.tsx';
import { strings } from './strings.ts';

/** The card under the lamp: set-up and sign-in. */
export function DoorCard({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  return (
    <main className={classes['porch']}>
      <div className={classes['lamp']}>
        <Logo sizePx={68} label />
        <span className={classes['name']}>{strings.app}</span>
      </div>
      <section className={classes['card']}>
        <Title order={1}>{title}</Title>
        {lead !== undefined && (
          <Text c="dimmed" mt={6}>
            {lead}
          </Text>
        )}
        <div className={classes['body']}>{children}</div>
      </section>
      <Text size="sm" c="dimmed" mt="lg">
        {strings.tagline}
      </Text>
    </main>
  );
}
