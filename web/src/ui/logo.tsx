import { strings } from './strings.ts';

/** The lamp by the door. Decorative unless `label` is set. */
export function Logo({ sizePx = 28, label = false }: { sizePx?: number; label?: boolean }) {
  const named = label ? { role: 'img', 'aria-label': strings.app } : { 'aria-hidden': true };
  return <img src="/icon.svg" width={sizePx} height={sizePx} alt="" {...named} />;
}
