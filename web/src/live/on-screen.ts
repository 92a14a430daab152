import { useEffect, useState, type RefObject } from 'react';

const leaveAfterMs = 4000;

/** Whether someone can see the element: on the screen and in a tab that shows. Going away counts after some seconds. */
export function useOnScreen(ref: RefObject<HTMLElement | null>): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    let crosses = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const judge = (): void => {
      clearTimeout(timer);
      if (crosses && !document.hidden) setSeen(true);
      else timer = setTimeout(() => setSeen(false), leaveAfterMs);
    };
    const observer = new IntersectionObserver(
      ([entry]) => {
        crosses = entry?.isIntersecting ?? false;
        judge();
      },
      { rootMargin: '80px' },
    );
    observer.observe(element);
    document.addEventListener('visibilitychange', judge);
    return () => {
      clearTimeout(timer);
      observer.disconnect();
      document.removeEventListener('visibilitychange', judge);
    };
  }, [ref]);
  return seen;
}
