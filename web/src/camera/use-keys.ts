import { useEffect, useRef } from 'react';
import type { Screening } from './use-screening.ts';

const typing =
  'input:not([type=range]), textarea, select, [contenteditable], [role=dialog], [role=menu], [role=listbox]';

/** Keys of the camera page. Left alone while one types, or while a dialog or menu is open. */
export function useKeys(screening: Screening): void {
  const latest = useRef(screening);
  latest.current = screening;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const target = event.target instanceof Element ? event.target : document.body;
      if (event.ctrlKey || event.metaKey || event.altKey || target.closest(typing)) return;
      if (event.key === ' ' && target.closest('button, a')) return;
      if (act(event, latest.current)) event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}

function act(event: KeyboardEvent, screening: Screening): boolean {
  const stepMs = event.shiftKey ? 60_000 : 5_000;
  switch (event.key) {
    case 'ArrowLeft':
      screening.jump(-stepMs);
      return true;
    case 'ArrowRight':
      if (!screening.live) screening.jump(stepMs);
      return true;
    case ' ':
      if (screening.live) screening.jump(-10_000);
      else screening.playback.setPlaying(!screening.playback.playing);
      return true;
    case 'l':
    case 'L':
      screening.goLive();
      return true;
    case 'f':
    case 'F':
      screening.toggleFullScreen();
      return true;
    case 'm':
    case 'M':
      screening.setSound(!screening.sound);
      return true;
    case 'Escape':
      if (screening.clip) screening.setClip(undefined);
      return screening.clip !== undefined;
    default:
      return false;
  }
}
