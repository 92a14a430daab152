import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import type { Clock } from '@porchlight/base/clock';
import { HouseError } from '@porchlight/base/errors';
import type { CodedPicture } from './messages.ts';

/** Decodes one picture. Throws `HouseError`: unavailable when there is no decoder or no time, corrupt when it is no picture. */
export type Decode = (picture: CodedPicture) => Promise<Uint8Array>;

const limitMs = 5000;
const largestJpeg = 16 * 1024 * 1024;

/** Fixed words only: nothing a camera or a person says becomes an argument. */
const argumentsOf = (codec: CodedPicture['codec']): string[] => [
  ...['-hide_banner', '-loglevel', 'error', '-protocol_whitelist', 'pipe', '-threads', '1'],
  ...['-f', codec === 'h264' ? 'h264' : 'hevc', '-i', 'pipe:0'],
  ...['-frames:v', '1', '-f', 'mjpeg', '-pix_fmt', 'yuvj420p', '-q:v', '3', 'pipe:1'],
];

/** A decoder that runs the system's ffmpeg once per picture, at low priority, for at most 5 s. */
export function openFfmpegDecoder(options: { readonly command: string; readonly clock: Clock }): Decode {
  return async ({ codec, byteStream }) => {
    const child = spawn(options.command, argumentsOf(codec), { stdio: ['pipe', 'pipe', 'ignore'] });
    let isLate = false;
    const timer = options.clock.after(limitMs, () => {
      isLate = true;
      child.kill('SIGKILL');
    });
    const parts: Buffer[] = [];
    let sizeBytes = 0;
    child.stdout.on('data', (part: Buffer) => {
      parts.push(part);
      sizeBytes += part.length;
      if (sizeBytes > largestJpeg) child.kill('SIGKILL');
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(byteStream);
    lowerPriority(child.pid);
    try {
      await new Promise<void>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', () => resolve());
      });
    } catch (cause) {
      throw noDecoder(cause);
    } finally {
      timer.cancel();
    }
    if (isLate)
      throw new HouseError('unavailable', 'Decoding took too long', { fix: 'Try again when the box is less busy.' });
    const jpeg = Buffer.concat(parts);
    if (sizeBytes > largestJpeg || !isJpeg(jpeg)) throw notAPicture();
    return jpeg;
  };
}

/** There is neither node-av nor ffmpeg. */
export function noDecoder(cause?: unknown): HouseError {
  return new HouseError('unavailable', 'no decoder: install ffmpeg', {
    fix: 'Install the system package ffmpeg (or the npm package node-av) on the box that has the cameras.',
    cause,
  });
}

/** The decoder made nothing of it. */
export function notAPicture(cause?: unknown): HouseError {
  return new HouseError('corrupt', 'The key frame could not be decoded', {
    fix: 'Try again at the next key frame.',
    cause,
  });
}

function isJpeg(bytes: Uint8Array): boolean {
  return bytes.length > 4 && bytes[0] === 0xff && bytes[1] === 0xd8;
}

/** A picture for a page may wait; recording may not. */
function lowerPriority(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already, or the system does not let us: it runs at normal priority.
  }
}
