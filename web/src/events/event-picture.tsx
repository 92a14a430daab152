import type { ListedEvent } from '@porchlight/contract/events';
import { useEffect, useRef, useState } from 'react';
import { openKeyDecoder } from '#playback';
import { urlOf } from '../api.ts';
import classes from './events.module.css';

const widthPx = 320;

/** The key picture at the time of an event's trigger, fetched when it comes into sight. */
export function EventPicture({ camera, event }: { camera: string; event: ListedEvent }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [shown, setShown] = useState(false);
  const { id, atMs, hasFootage } = event;
  useEffect(() => {
    const element = canvas.current;
    if (!element || !hasFootage) return;
    const leaving = new AbortController();
    const watcher = new IntersectionObserver(([entry]) => {
      if (!entry?.isIntersecting) return;
      watcher.disconnect();
      void draw(element, { camera, atMs, signal: leaving.signal }).then(setShown, () => undefined);
    });
    watcher.observe(element);
    return () => {
      leaving.abort();
      watcher.disconnect();
    };
  }, [camera, id, atMs, hasFootage]);
  return <canvas ref={canvas} className={classes['picture']} data-shown={shown || undefined} aria-hidden />;
}

type Wanted = { readonly camera: string; readonly atMs: number; readonly signal: AbortSignal };

async function draw(canvas: HTMLCanvasElement, { camera, atMs, signal }: Wanted): Promise<boolean> {
  const response = await fetch(urlOf('getKeyFrame', { params: { id: camera }, query: { at: atMs } }), {
    signal,
  });
  if (!response.ok) return false;
  const bytes = new Uint8Array(await response.arrayBuffer());
  const decoder = openKeyDecoder();
  try {
    const picture = await decoder.decode(bytes);
    if (!picture) return false;
    canvas.width = widthPx;
    canvas.height = Math.round((widthPx * picture.heightPx) / picture.widthPx);
    canvas.getContext('2d', { alpha: false })?.drawImage(picture.source, 0, 0, canvas.width, canvas.height);
    picture.close();
    return true;
  } finally {
    decoder.close();
  }
}
