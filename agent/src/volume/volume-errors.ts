import { HouseError } from '@porchlight/base/errors';
import type { VolumeState } from '@porchlight/contract/storage';

const fullCodes = new Set(['ENOSPC', 'EDQUOT']);

/** A failed call on a volume as a `HouseError`; the path is relative, so no machine's folders show. A caller's mistake stays one. */
export function toVolumeError(error: unknown, doing: string, path: string): Error {
  if (error instanceof TypeError || error instanceof HouseError) return error;
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return new HouseError('not-found', `There is no file ${path}`, { cause: error });
  if (code === 'EEXIST') return new HouseError('conflict', `The file ${path} exists already`, { cause: error });
  const fix = fullCodes.has(code ?? '')
    ? 'Free some space or choose a smaller cap'
    : 'Check the disk and its permissions';
  return new HouseError('unavailable', `Could not ${doing} ${path} (${code ?? 'unknown error'})`, {
    fix,
    cause: error,
  });
}

/** The disk is full, or its quota used up. */
export function isVolumeFull(error: unknown): boolean {
  const cause = error instanceof HouseError ? error.cause : error;
  return fullCodes.has((cause as NodeJS.ErrnoException | undefined)?.code ?? '');
}

const failingCodes = new Set(['EIO', 'ENODEV', 'ENXIO', 'ESTALE', 'ETIMEDOUT', 'EHOSTDOWN', 'ENOTCONN', 'EUCLEAN']);

/** What is wrong with a volume that refused a call; undefined when it was the call. */
export function findVolumeTrouble(error: unknown): Exclude<VolumeState, 'ok'> | undefined {
  if (isVolumeFull(error)) return 'full';
  const cause = error instanceof HouseError ? error.cause : error;
  if (cause instanceof VolumeTrouble) return cause.state;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? '';
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') return 'read-only';
  return failingCodes.has(code) ? 'failing' : undefined;
}

const words: Readonly<Record<'missing' | 'wrong', { message: string; fix: string }>> = {
  missing: {
    message: 'The disk for footage is not there: nothing is written in its place',
    fix: 'Connect or mount it again; recording goes on by itself.',
  },
  wrong: {
    message: 'Another disk is where the disk for footage should be: nothing is written to it',
    fix: 'Put the right disk there, or choose this one as a new place.',
  },
};

/** Why a guard refuses: the cause of its `HouseError`. */
export class VolumeTrouble extends Error {
  readonly state: 'missing' | 'wrong';

  constructor(state: 'missing' | 'wrong') {
    super(words[state].message);
    this.state = state;
  }
}

/** The refusal of a guard, `unavailable`, with words. */
export function toTroubleError(state: 'missing' | 'wrong'): HouseError {
  return new HouseError('unavailable', words[state].message, {
    fix: words[state].fix,
    cause: new VolumeTrouble(state),
  });
}

/** True for a file that is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof HouseError && error.kind === 'not-found';
}

/** A path that stays inside the volume, or `TypeError`: paths are made by the house, never by a caller outside. */
export function checkPath(path: string): string {
  const parts = path.split('/');
  if (
    path === '' ||
    path.includes('\\') ||
    path.includes('\0') ||
    parts.some((part) => part === '' || part === '.' || part === '..')
  ) {
    throw new TypeError(`Expected a relative path inside the volume, got ${JSON.stringify(path)}`);
  }
  return path;
}
