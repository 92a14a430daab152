import type { Camera } from '@porchlight/contract/camera';
import { notifications } from '@mantine/notifications';
import { useEffect, useRef, useState } from 'react';
import { saveBlob } from '#live';
import type { Selection } from '#timeline';
import { strings, toFileName, toSize } from '#ui';
import { ApiFailure, toFailure, urlOf } from '../api.ts';
import { BrokenOff, readBody, readHead, type ClipHead } from './read-clip.ts';

/** How a download is. */
export type Download =
  | { readonly phase: 'idle' | 'starting' | 'cancelled' }
  | { readonly phase: 'running'; readonly receivedBytes: number }
  | {
      readonly phase: 'saved' | 'handed-over';
      readonly head: ClipHead;
      readonly askedToMs: number;
      readonly file: string;
    }
  | { readonly phase: 'failed'; readonly message: string; readonly fix: string | undefined };

/** From here on the browser's own download takes over: it writes to the disk as the bytes come. */
export const largestInPageBytes = 2_000_000_000;

type Wish = { readonly clip: Selection; readonly expectedBytes: number };
type Tell = (next: Download) => void;

/** Downloads clips of one camera, one at a time. Leaving the page calls the download off and says so. */
export function useDownload(camera: Camera) {
  const [download, tell] = useState<Download>({ phase: 'idle' });
  const running = useRef<AbortController>(undefined);
  useEffect(
    () => () => {
      if (running.current) notifications.show({ message: strings.clip.leftPage, color: 'red' });
      running.current?.abort();
    },
    [],
  );
  return {
    download,
    reset: () => tell({ phase: 'idle' }),
    cancel: () => {
      running.current?.abort();
      running.current = undefined;
      tell({ phase: 'cancelled' });
    },
    start: async (wish: Wish): Promise<void> => {
      if (running.current) return;
      const own = new AbortController();
      running.current = own;
      tell({ phase: 'starting' });
      try {
        const done = await fetchClip(camera, wish, { signal: own.signal, tell });
        if (!own.signal.aborted) tell(done);
      } catch (failure) {
        if (!own.signal.aborted) tell(toFailed(failure));
      }
      if (running.current === own) running.current = undefined;
    },
  };
}

async function fetchClip(
  camera: Camera,
  { clip, expectedBytes }: Wish,
  { signal, tell }: { signal: AbortSignal; tell: Tell },
): Promise<Download> {
  const asked = { fromMs: Math.round(clip.fromMs), toMs: Math.round(clip.toMs) };
  const url = urlOf('getExport', { params: { id: camera.id }, query: { from: asked.fromMs, to: asked.toMs } });
  const response = await fetch(url, { signal }).catch((cause: unknown) => {
    if (signal.aborted) throw cause;
    throw new ApiFailure(0, { kind: 'unavailable', ...strings.errors.unreachable }, false);
  });
  if (!response.ok) throw await toFailure(response);
  const head = readHead(response.headers, asked);
  const file = toFileName(camera.name, head.fromMs, 'mp4');
  if (expectedBytes > largestInPageBytes) {
    await response.body?.cancel();
    followLink(url, file);
    return { phase: 'handed-over', head, askedToMs: asked.toMs, file };
  }
  const onBytes = (receivedBytes: number): void => tell({ phase: 'running', receivedBytes });
  saveBlob(await readBody(response, { signal, onBytes }), file);
  return { phase: 'saved', head, askedToMs: asked.toMs, file };
}

function followLink(href: string, file: string): void {
  const link = document.createElement('a');
  link.href = href;
  link.download = file;
  link.click();
}

function toFailed(failure: unknown): Download {
  if (failure instanceof BrokenOff) {
    const message = strings.clip.brokeOff(toSize(failure.receivedBytes));
    return { phase: 'failed', message, fix: strings.clip.brokeOffFix };
  }
  if (failure instanceof ApiFailure) return { phase: 'failed', message: failure.message, fix: failure.error.fix };
  return { phase: 'failed', message: strings.errors.title, fix: strings.clip.brokeOffFix };
}
