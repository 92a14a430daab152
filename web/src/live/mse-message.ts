/** Text messages of the MSE WebSocket. In: text. Out: what it says, or undefined for what this page does not know. */
export type MseMessage =
  | { readonly kind: 'tracks'; readonly codecs: string; readonly wallMs: number; readonly mediaMs: number }
  | { readonly kind: 'time'; readonly wallMs: number; readonly mediaMs: number; readonly nowMs: number }
  /** All that was cached has been sent: what follows is new. */
  | { readonly kind: 'live' }
  | { readonly kind: 'end'; readonly reason: string };

export function parseMseMessage(text: string): MseMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Record<string, unknown>;
  const number = (key: string): number => (typeof fields[key] === 'number' ? fields[key] : Number.NaN);
  const [wallMs, mediaMs] = [number('wallMs'), number('mediaMs')];
  if (fields['kind'] === 'tracks' && typeof fields['codecs'] === 'string')
    return { kind: 'tracks', codecs: fields['codecs'], wallMs, mediaMs };
  if (fields['kind'] === 'time') return { kind: 'time', wallMs, mediaMs, nowMs: number('nowMs') };
  if (fields['kind'] === 'live') return { kind: 'live' };
  if (fields['kind'] === 'end')
    return { kind: 'end', reason: typeof fields['reason'] === 'string' ? fields['reason'] : 'connection-lost' };
  return undefined;
}
