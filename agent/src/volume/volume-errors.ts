import { HouseError } from '@porchlight/base/errors';

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
