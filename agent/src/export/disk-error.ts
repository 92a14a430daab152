import { HouseError } from '@porchlight/base/errors';

/** The disk of the agent's data folder has no room for it. */
export function diskFull(cause?: unknown): HouseError {
  const fix = 'Delete exports that are no longer needed, or export less at once; then resume.';
  return new HouseError('unavailable', 'The disk is too full for this export', {
    fix,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** What the file system says, in words; anything else unchanged. */
export function toDiskError(error: unknown): unknown {
  const { code } = (error ?? {}) as { code?: unknown };
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(error);
  if (code === 'EROFS' || code === 'EIO' || code === 'EACCES') {
    const fix = 'See to the disk of the data folder, then resume.';
    return new HouseError('unavailable', 'The disk cannot be written to', { fix, cause: error });
  }
  return error;
}
