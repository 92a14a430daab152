import '@mantine/core/styles.layer.css';
import '@mantine/notifications/styles.layer.css';
import './page.css';
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createBrowserRouter } from 'react-router';
import { RouterProvider } from 'react-router/dom';
import { AlarmsPage } from '#alarms';
import { openQueryClient } from '#data';
import { SetupPage } from '#setup';
import { Crashed, Frame, NotFound, Root } from '#shell';
import { SignInPage } from '#sign-in';
import { theme, toCssVariables } from '#ui';
import { WallPage } from '#wall';

const router = createBrowserRouter([
  {
    element: <Root />,
    errorElement: <Crashed />,
    children: [
      { path: 'setup', element: <SetupPage /> },
      { path: 'sign-in', element: <SignInPage /> },
      {
        element: <Frame />,
        children: [
          { index: true, element: <WallPage /> },
          {
            path: 'cameras/:id',
            lazy: async () => ({ Component: (await import('#camera')).CameraPage }),
            HydrateFallback: () => null,
          },
          {
            path: 'exports',
            lazy: async () => ({ Component: (await import('#exports')).ExportsPage }),
            HydrateFallback: () => null,
          },
          { path: 'alarms', element: <AlarmsPage /> },
          {
            path: 'storage',
            lazy: async () => ({ Component: (await import('#storage')).StoragePage }),
            HydrateFallback: () => null,
          },
          { path: '*', element: <NotFound /> },
        ],
      },
    ],
  },
]);

const root = document.getElementById('root');
if (!root) throw new Error('Expected #root in index.html');
createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={toCssVariables}
      defaultColorScheme="auto"
      colorSchemeManager={localStorageColorSchemeManager({ key: 'porchlight-colour-scheme' })}
    >
      <QueryClientProvider client={openQueryClient()}>
        <Notifications position="bottom-center" />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
