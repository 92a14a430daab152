import type { AgentStorage, DiskCheck, StorageConfig, VolumeConfig } from '@porchlight/contract/storage';

/** What stands in the form. Empty fields say nothing. */
export type StorageFields = {
  readonly folder: string;
  readonly amount: 'most' | 'some' | 'default';
  readonly gigabytes: number | string;
  readonly days: number | string;
  readonly thinDays: number | string;
  readonly secondFolder: string;
  readonly moveDays: number | string;
};

const gigabyte = 1e9;
/** What a camera sends when nothing is known of it: 1080p at 2 Mbit/s. */
const assumedBytesPerDay = (2e6 / 8) * 86_400;

const folderOf = ({ config, status }: AgentStorage, at: number): string => {
  const volume = config.volumes[at];
  return volume?.folder ?? status?.volumes.find(({ id }) => id === volume?.id)?.folder ?? '';
};

/** The form as things are. */
export function toFields(storage: AgentStorage): StorageFields {
  const [first] = storage.config.volumes;
  const { continuous, thinAfterDays } = storage.config.budget;
  return {
    folder: folderOf(storage, 0),
    amount: first?.bytes === undefined ? 'default' : first.bytes === 'most' ? 'most' : 'some',
    gigabytes: typeof first?.bytes === 'number' ? first.bytes / gigabyte : '',
    days: continuous?.days ?? '',
    thinDays: thinAfterDays ?? '',
    secondFolder: folderOf(storage, 1),
    moveDays: first?.moveAfterDays ?? '',
  };
}

/** The configuration that the form asks for. A folder that was a place before keeps its name; another becomes a new place. */
export function toConfig(storage: AgentStorage, fields: StorageFields): StorageConfig {
  const { config } = storage;
  const taken = new Set([...config.volumes, ...(storage.status?.volumes ?? [])].map(({ id }) => id));
  const place = (folder: string): Pick<VolumeConfig, 'id' | 'folder'> => {
    const at = config.volumes.findIndex((_volume, index) => folderOf(storage, index) === folder);
    const known = config.volumes[at] ?? storage.status?.volumes.find((volume) => volume.folder === folder);
    if (known !== undefined) return known.id === 'main' ? { id: 'main' } : { id: known.id, folder };
    let number = 2;
    while (taken.has(`disk-${number}`)) number++;
    taken.add(`disk-${number}`);
    return { id: `disk-${number}`, folder };
  };
  const first = place(fields.folder.trim());
  const second = fields.secondFolder.trim() === '' ? undefined : place(fields.secondFolder.trim());
  const bytes = toBytes(fields);
  const before = second && config.volumes.find(({ id }) => id === second.id);
  const { continuous, thinAfterDays: _thin, ...budget } = config.budget;
  const { days: _days, ...limits } = continuous ?? {};
  return {
    volumes: [
      {
        ...first,
        ...(bytes === undefined ? {} : { bytes }),
        ...(second && fields.moveDays !== '' ? { moveAfterDays: Number(fields.moveDays) } : {}),
      },
      ...(second ? [{ ...second, bytes: before?.bytes ?? ('most' as const) }] : []),
    ],
    budget: {
      ...budget,
      ...(fields.days === ''
        ? continuous
          ? { continuous: limits }
          : {}
        : { continuous: { ...limits, days: Number(fields.days) } }),
      ...(fields.thinDays === '' ? {} : { thinAfterDays: Number(fields.thinDays) }),
    },
  };
}

function toBytes({ amount, gigabytes }: StorageFields): VolumeConfig['bytes'] {
  if (amount === 'default') return undefined;
  return amount === 'most' ? 'most' : Math.round(Number(gigabytes) * gigabyte);
}

/** Why the form cannot be saved yet. */
export function findMissing({ folder, amount, gigabytes }: StorageFields): 'folder' | 'gigabytes' | undefined {
  if (folder.trim() === '') return 'folder';
  if (amount === 'some' && !(Number(gigabytes) >= 0.01)) return 'gigabytes';
  return undefined;
}

/** For how many days so much would last. `assumed`: no camera has been measured yet. */
export type Outlook = { readonly days: number; readonly cameras: number; readonly assumed: boolean };

/** What the amount in the form comes to on the disk that was looked at. */
export function toOutlook(fields: StorageFields, check: DiskCheck): Outlook | undefined {
  const { mostBytes, freeBytes } = check;
  if (mostBytes === undefined || freeBytes === undefined) return undefined;
  const wanted = toBytes(fields);
  const asked = wanted === undefined ? Math.min(20 * gigabyte, freeBytes / 4) : wanted === 'most' ? mostBytes : wanted;
  const bytes = Math.min(asked, mostBytes, freeBytes);
  const cameras = Math.max(1, check.cameras ?? 0);
  const assumed = check.bytesPerDay === undefined;
  const days = bytes / (check.bytesPerDay ?? cameras * assumedBytesPerDay);
  const limit = fields.days === '' ? Infinity : Number(fields.days);
  return { days: Math.min(days, limit), cameras, assumed };
}
