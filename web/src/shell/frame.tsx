import { Anchor, Box } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Suspense, useEffect, useSyncExternalStore } from 'react';
import { Link, Navigate, NavLink, Outlet, useLocation } from 'react-router';
import { AlarmBell } from '#alarms';
import { openChanges, readReached, useSession, watchHouse, watchReached } from '#data';
import { FailurePanel, Logo, strings, TileSkeletons } from '#ui';
import { AccountMenu } from './account-menu.tsx';
import classes from './frame.module.css';

/** The pages that the header leads to; on a phone the menu does. */
const pages = [
  { to: '/', label: strings.wall.title },
  { to: '/exports', label: strings.exports.title },
  { to: '/storage', label: strings.storage.title },
];

/** Says that the hub is away, and goes by itself when it is back. */
export function OfflineBanner() {
  const reached = useSyncExternalStore(watchReached, readReached);
  return (
    <div role="status" aria-live="polite">
      {!reached && (
        <div className={classes['banner']}>
          <span className={classes['pulse']} aria-hidden />
          <strong>{strings.offline.text}</strong>
          <span className={classes['bannerNote']}>{strings.offline.note}</span>
        </div>
      )}
    </div>
  );
}

/** Root of every route: watches the hub's reach. */
export function Root() {
  const client = useQueryClient();
  useEffect(() => watchHouse(client), [client]);
  return (
    <>
      <OfflineBanner />
      <Outlet />
    </>
  );
}

/** Pages behind sign-in: header, changes socket, content. */
export function Frame() {
  const session = useSession();
  const location = useLocation();
  if (session.isPending) return <TileSkeletons count={0} />;
  if (session.data === undefined) {
    return <FailurePanel failure={session.error ?? new Error('')} onRetry={() => void session.refetch()} />;
  }
  if (session.data.user === undefined) {
    const next = location.pathname + location.search;
    return <Navigate to={next === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`} replace />;
  }
  return <SignedIn name={session.data.user.name} email={session.data.user.email} />;
}

function SignedIn({ name, email }: { name: string; email: string }) {
  const client = useQueryClient();
  useEffect(() => openChanges(client), [client]);
  return (
    <>
      <a href="#content" className={classes['skip']}>
        {strings.skipToContent}
      </a>
      <header className={classes['header']}>
        <Anchor
          component={Link}
          to="/"
          underline="never"
          className={classes['brand'] ?? ''}
          aria-label={strings.wall.title}
        >
          <Logo />
          <span>{strings.app}</span>
        </Anchor>
        <nav className={classes['nav']} aria-label={strings.menu.pages}>
          {pages.map(({ to, label }) => (
            <NavLink key={to} to={to} end={to === '/'} className={classes['page'] ?? ''}>
              {label}
            </NavLink>
          ))}
        </nav>
        <AlarmBell />
        <AccountMenu name={name} email={email} />
      </header>
      <Box component="main" id="content" className={classes['content'] ?? ''}>
        <Suspense fallback={<TileSkeletons count={1} />}>
          <Outlet />
        </Suspense>
      </Box>
    </>
  );
}
