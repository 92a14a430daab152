import { cameraIdSchema, type CameraId } from '@porchlight/contract/ids';

const longestBase = 48;

/** The n-th id for a name: `Front door` gives `front-door`, then `front-door-2` … A name without Latin letters gives `camera`. */
export function toCameraId(name: string, attempt: number): CameraId {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/ß/g, 'ss')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, longestBase)
    .replace(/-+$/, '');
  const base = plain === '' ? 'camera' : plain;
  return cameraIdSchema.parse(attempt <= 1 ? base : `${base}-${attempt}`);
}
