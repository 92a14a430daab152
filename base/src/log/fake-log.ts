import type { Log } from './log.ts';

/** A log that remembers what was said. */
export type FakeLog = Log & { readonly lines: { level: string; message: string; fields: Record<string, unknown> }[] };

/** Opens a log that keeps its lines in memory. */
export function openFakeLog(): FakeLog {
  const lines: FakeLog['lines'] = [];
  const make = (base: Record<string, unknown>): Log => {
    const at =
      (level: string) =>
      (message: string, fields: Record<string, unknown> = {}): void =>
        void lines.push({ level, message, fields: { ...base, ...fields } });
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (fields) => make({ ...base, ...fields }),
    };
  };
  return { ...make({}), lines };
}
