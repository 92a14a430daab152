import { useQuery, keepPreviousData } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { recordingsQuery } from '#data';
import { toCoverage, toFirstView, toGrown, toDay, toDayBounds, type Coverage, type View } from '#timeline';

/** Now, in steps. */
export function useNow(stepMs: number): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), stepMs);
    return () => clearInterval(timer);
  }, [stepMs]);
  return nowMs;
}

export type Day = {
  readonly day: string;
  readonly bounds: View;
  readonly view: View;
  readonly coverage: Coverage | undefined;
  readonly pending: boolean;
  readonly failure: Error | null;
  readonly retry: () => void;
  readonly setDay: (day: string) => void;
  readonly setView: (view: View) => void;
};

/** The day on the timeline: its bounds, what is recorded on it, the part that is shown. */
export function useDay(camera: string, nowMs: number): Day {
  const [day, setDayState] = useState(() => toDay(nowMs));
  const bounds = useMemo(() => toDayBounds(day), [day]);
  const [view, setView] = useState<View>(bounds);
  const growing = day === toDay(nowMs);
  const recordings = useQuery({
    ...recordingsQuery(camera, { ...bounds, growing }),
    placeholderData: keepPreviousData,
  });
  const { data } = recordings;
  const coverage = useMemo(() => (data ? toGrown(toCoverage(data), nowMs) : undefined), [data, nowMs]);
  const placed = useRef(false);
  useEffect(() => {
    if (placed.current || !coverage) return;
    placed.current = true;
    setView((before) => (before === bounds ? toFirstView(bounds, coverage.any[0]?.fromMs, nowMs) : before));
  }, [coverage, bounds, nowMs]);
  return {
    day,
    bounds,
    view,
    coverage: recordings.isPlaceholderData ? undefined : coverage,
    pending: recordings.isPending,
    failure: data ? null : recordings.error,
    retry: () => void recordings.refetch(),
    setView,
    setDay(next) {
      setDayState(next);
      setView(toDayBounds(next));
    },
  };
}
