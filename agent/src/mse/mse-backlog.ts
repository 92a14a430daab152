import type { Clock } from '@porchlight/base/clock';
import type { CodedFrame } from '@porchlight/media/frame';

/** What to do with the next frame. `resume` is a key frame after frames that were dropped. */
export type Admission = 'send' | 'resume' | 'drop';

/** Watches how much waits for one reader and drops it to the next key frame when that is too much. */
export type Backlog = {
  /** So many bytes were handed over. */
  add(sizeBytes: number): void;
  admit(frame: CodedFrame): Admission;
  /** A new piece begins with a key frame: nothing is being dropped any more. */
  restart(): void;
  readonly drops: number;
  readonly framesDropped: number;
};

const mostBufferedBytes = 4 * 1024 * 1024;
const mostWaitingMs = 2000;
/** The replay of a large group of pictures may exceed `mostBufferedBytes` for this long. */
const burstMs = 250;

/** Opens the watch over one socket. */
export function openBacklog(socket: { readonly bufferedAmount: number }, clock: Clock): Backlog {
  let writtenBytes = 0;
  let waiting: { endBytes: number; sinceMs: number }[] = [];
  let dropping = false;
  let drops = 0;
  let framesDropped = 0;

  const isLate = (): boolean => {
    const bufferedBytes = socket.bufferedAmount;
    const leftBytes = writtenBytes - bufferedBytes;
    let gone = 0;
    while (gone < waiting.length && waiting[gone]!.endBytes <= leftBytes) gone++;
    if (gone > 0) waiting = waiting.slice(gone);
    const oldest = waiting[0];
    if (!oldest) return false;
    const waitingMs = clock.monotonicMs() - oldest.sinceMs;
    return waitingMs > mostWaitingMs || (bufferedBytes > mostBufferedBytes && waitingMs > burstMs);
  };
  return {
    add(sizeBytes) {
      writtenBytes += sizeBytes;
      waiting.push({ endBytes: writtenBytes, sinceMs: clock.monotonicMs() });
    },
    admit(frame) {
      const late = isLate();
      const video = frame.kind === 'video';
      if (dropping && video && frame.key && !late) {
        dropping = false;
        return 'resume';
      }
      if (!dropping && late) {
        dropping = true;
        drops++;
      }
      if (!dropping) return 'send';
      if (video) framesDropped++;
      return 'drop';
    },
    restart: () => void (dropping = false),
    get drops() {
      return drops;
    },
    get framesDropped() {
      return framesDropped;
    },
  };
}
