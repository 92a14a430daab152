/** How long footage of one camera is kept: what stands in the form, what the API is told, what comes of it. Pure. */
import type { Camera } from '@porchlight/contract/camera';
import { forecast, toInflow, toUsableBytes } from '@porchlight/contract/forecast';
import type { AgentStorage, FootageBudget } from '@porchlight/contract/storage';

/** What stands in a field of a number; empty says nothing. */
export type Amount = number | string;

/** What stands in the form. */
export type KeepingFields = {
  /** Limits of its own; otherwise those of every camera. */
  readonly own: boolean;
  readonly continuousDays: Amount;
  readonly continuousGb: Amount;
  readonly eventDays: Amount;
  readonly eventGb: Amount;
  readonly heldGb: Amount;
  readonly allGb: Amount;
  readonly thinDays: Amount;
};

export type AmountKey = Exclude<keyof KeepingFields, 'own'>;

/** What is kept of a camera and how: the limits alone. */
export type Limits = Pick<Camera, 'budget' | 'capBytes'>;

const gigabyte = 1e9;
const dayMs = 86_400_000;
const toGb = (bytes: number | undefined): Amount => (bytes === undefined ? '' : bytes / gigabyte);
const toNumber = (amount: Amount): number | undefined => (amount === '' ? undefined : Number(amount));
const toBytes = (amount: Amount): number | undefined =>
  amount === '' ? undefined : Math.round(Number(amount) * gigabyte);

/** The form as things are. Who begins to give a camera limits of its own begins with those of every camera. */
export function toFields({ budget, capBytes }: Limits, house: FootageBudget): KeepingFields {
  const { continuous, event, held, thinAfterDays } = budget ?? house;
  return {
    own: budget !== undefined || capBytes !== undefined,
    continuousDays: continuous?.days ?? '',
    continuousGb: toGb(continuous?.bytes),
    eventDays: event?.days ?? '',
    eventGb: toGb(event?.bytes),
    heldGb: toGb(held?.bytes),
    allGb: toGb(capBytes),
    thinDays: thinAfterDays ?? '',
  };
}

/** What is there and not undefined; undefined when nothing is. */
function toGiven<Given extends object>(given: { [Key in keyof Given]: Given[Key] | undefined }): Given | undefined {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as Given);
}

/** The limits that the form asks for. */
export function toLimits(fields: KeepingFields): Limits {
  if (!fields.own) return {};
  const [thinAfterDays, capBytes] = [toNumber(fields.thinDays), toBytes(fields.allGb)];
  const limit = (days: Amount, gb: Amount) =>
    toGiven<{ days: number; bytes: number }>({ days: toNumber(days), bytes: toBytes(gb) });
  const parts = {
    continuous: limit(fields.continuousDays, fields.continuousGb),
    event: limit(fields.eventDays, fields.eventGb),
    held: toGiven<{ bytes: number }>({ bytes: toBytes(fields.heldGb) }),
    thinAfterDays,
  };
  return { budget: toGiven<FootageBudget>(parts) ?? {}, ...(capBytes === undefined ? {} : { capBytes }) };
}

/** The same for `PATCH /api/cameras/{id}`, where `null` takes a value away. */
export function toPatch(fields: KeepingFields) {
  const { budget, capBytes } = toLimits(fields);
  return { budget: budget ?? null, capBytes: capBytes ?? null };
}

/** Whether a field holds what is no number. */
export const hasNonsense = ({ own, ...amounts }: KeepingFields): boolean =>
  own && Object.values(amounts).some((amount) => amount !== '' && !(Number(amount) > 0));

type House = {
  readonly storage: AgentStorage;
  /** All cameras of the house; those of other agents are left out. */
  readonly cameras: readonly Camera[];
};

/** For how many days this camera's footage would last with these limits, by what all cameras send now. Undefined while nobody knows. */
export function toOutlookDays(id: string, limits: Limits, { storage, cameras }: House): number | undefined {
  const { config, status } = storage;
  if (status === undefined) return undefined;
  const listed = new Set(config.volumes.map((volume) => volume.id));
  const usableBytes = status.volumes
    .filter((volume) => listed.has(volume.id))
    .reduce((sum, volume) => sum + toUsableBytes(volume), 0);
  const inflows = cameras
    .filter(({ agentId }) => agentId === storage.agentId)
    .map((camera) => {
      const { budget, capBytes } = camera.id === id ? limits : camera;
      const sending = { id: camera.id, bytesPerDay: camera.kept?.bytesPerDay ?? 0 };
      return toInflow(sending, { budget: budget ?? config.budget, capBytes });
    });
  return [...forecast(usableBytes, inflows).ofCamera].find(([camera]) => camera === id)?.[1];
}

/** What of the footage there is would go at once. */
export type Loss = { readonly bytes: number | undefined; readonly beforeMs: number | undefined };

/** What these limits delete that is kept now: so many bytes, or what is older. Undefined: nothing. */
export function findLoss(camera: Camera, { budget, capBytes }: Limits, nowMs: number): Loss | undefined {
  const { kept, oldestMs } = camera;
  if (kept === undefined) return undefined;
  const { continuousBytes, eventBytes, heldBytes } = kept;
  const over = (isBytes: number, mostBytes: number | undefined): number =>
    Math.max(0, isBytes - (mostBytes ?? Infinity));
  const bytes = Math.max(
    over(continuousBytes, budget?.continuous?.bytes) + over(eventBytes, budget?.event?.bytes),
    // What is held takes its part of the whole and stays.
    Math.min(continuousBytes + eventBytes, over(continuousBytes + eventBytes + heldBytes, capBytes)),
  );
  const days = continuousBytes > 0 ? budget?.continuous?.days : undefined;
  const beforeMs = days === undefined ? undefined : Math.round(nowMs - days * dayMs);
  const old = beforeMs !== undefined && oldestMs !== undefined && oldestMs < beforeMs;
  if (bytes === 0 && !old) return undefined;
  return { bytes: bytes === 0 ? undefined : bytes, beforeMs: old ? beforeMs : undefined };
}

/** The API's names of what the fields hold. */
const paths: Readonly<Record<string, AmountKey>> = {
  'budget.continuous.days': 'continuousDays',
  'budget.continuous.bytes': 'continuousGb',
  'budget.event.days': 'eventDays',
  'budget.event.bytes': 'eventGb',
  'budget.held.bytes': 'heldGb',
  'budget.thinAfterDays': 'thinDays',
  capBytes: 'allGb',
};

/** The field that a refusal such as `capBytes: Too small` is about, and the reason; undefined when it is about none. */
export function findRefused(message: string): { readonly field: AmountKey; readonly reason: string } | undefined {
  const [, path = '', reason = ''] = /^([\w.]+): (.+)$/s.exec(message) ?? [];
  const field = paths[path];
  return field && { field, reason };
}
