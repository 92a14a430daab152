/** What a person types about a camera, and what the API is told of it. Pure. */
import type { Camera, Transport } from '@porchlight/contract/camera';

export type SourceFields = {
  readonly name: string;
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly subUrl: string;
  readonly transport: Transport;
  /** Seconds; empty: as the house has it. */
  readonly stallSeconds: number | string;
};

export const emptyFields: SourceFields = {
  name: '',
  url: '',
  username: '',
  password: '',
  subUrl: '',
  transport: 'auto',
  stallSeconds: '',
};

export const toFields = (camera: Camera): SourceFields => ({
  ...emptyFields,
  name: camera.name,
  url: camera.url,
  subUrl: camera.subUrl ?? '',
  transport: camera.transport,
  stallSeconds: camera.stallMs === undefined ? '' : camera.stallMs / 1000,
});

const given = (key: string, value: string) => (value.trim() === '' ? {} : { [key]: value.trim() });

/** The source as `POST /api/cameras/test` takes it; what is empty is left out. */
export function toSource(fields: SourceFields) {
  return {
    url: fields.url.trim(),
    transport: fields.transport,
    ...given('subUrl', fields.subUrl),
    ...given('username', fields.username),
    ...(fields.password === '' ? {} : { password: fields.password }),
  };
}

const toStallMs = ({ stallSeconds }: SourceFields) =>
  stallSeconds === '' ? undefined : Math.round(Number(stallSeconds) * 1000);

export function toNewCamera(fields: SourceFields) {
  const stallMs = toStallMs(fields);
  return { ...toSource(fields), name: fields.name.trim(), ...(stallMs === undefined ? {} : { stallMs }) };
}

/** Only what changed; `null` takes a value away. */
export function toPatch(camera: Camera, fields: SourceFields) {
  const before = toFields(camera);
  const after = { ...fields, name: fields.name.trim(), url: fields.url.trim(), subUrl: fields.subUrl.trim() };
  return {
    ...(after.name === before.name ? {} : { name: after.name }),
    ...(after.url === before.url ? {} : { url: after.url }),
    ...(after.subUrl === before.subUrl ? {} : { subUrl: after.subUrl === '' ? null : after.subUrl }),
    ...(after.transport === before.transport ? {} : { transport: after.transport }),
    ...(after.stallSeconds === before.stallSeconds ? {} : { stallMs: toStallMs(after) ?? null }),
    ...given('username', after.username),
    ...(after.password === '' ? {} : { password: after.password }),
  };
}

/** What the test was about: a change of any of it makes the result stale. The name is not among it. */
export const toTestKey = (fields: SourceFields): string => JSON.stringify(toSource(fields));

/** A name from the address, for those who typed none: the last folder or the host. */
export function toSuggestedName(url: string): string {
  const file = /([^/\\]+)\.(mp4|mov|m4v)$/i.exec(url.trim())?.[1];
  if (file !== undefined) return file.replace(/[-_]+/g, ' ').trim();
  return /^rtsps?:\/\/(?:[^@/]*@)?([^:/?#]+)/i.exec(url.trim())?.[1] ?? '';
}
