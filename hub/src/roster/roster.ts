import type { Clock } from '@porchlight/base/clock';
import { HouseError } from '@porchlight/base/errors';
import { seal } from '@porchlight/base/secrets';
import { sealedSchema, type Sealed } from '@porchlight/contract/agent';
import type { AddCamera, Camera, PatchCamera, TestSource } from '@porchlight/contract/camera';
import type { Change } from '@porchlight/contract/changes';
import type { AgentId, CameraId } from '@porchlight/contract/ids';
import type { CameraRow, Store } from '#store';
import { toCameraId } from './camera-id.ts';
import { toCamera } from './camera-view.ts';
import { parseSourceAddress, type Credentials, type SourceAddress } from './source-address.ts';

export type RosterOptions = {
  readonly store: Store;
  readonly clock: Clock;
  /** The agent that new cameras go to while none has called yet. */
  readonly defaultAgent: AgentId;
  /** Called after each change that an agent must hear of. */
  onDesired(agent: AgentId): Promise<void> | void;
  /** Called for each camera removed with its footage. */
  onForgetFootage(camera: { agent: AgentId; camera: CameraId; beforeMs: number }): Promise<void>;
  onChange(change: Change): void;
};

/** A source ready to be sent to an agent: addresses without credentials, credentials sealed. */
export type SealedSource = {
  readonly agentId: AgentId;
  readonly sourceKind: SourceAddress['kind'];
  readonly url: string;
  readonly subUrl?: string;
  readonly transport: TestSource['transport'];
  readonly sealedCredentials?: Sealed;
};

/** The register of cameras. */
export type Roster = {
  list(): Promise<Camera[]>;
  /** Throws not-found. */
  get(id: CameraId): Promise<Camera>;
  find(id: CameraId): Promise<CameraRow | undefined>;
  add(wish: AddCamera, createdBy: string): Promise<Camera>;
  change(id: CameraId, wish: PatchCamera): Promise<Camera>;
  remove(id: CameraId, footage: 'keep' | 'delete'): Promise<void>;
  /** Checks and seals a source without keeping it. */
  sealSource(wish: TestSource): Promise<SealedSource>;
  /** Whether a camera was ever added; stays true when all are removed. */
  everHadCamera(): Promise<boolean>;
};

const hadCameraSetting = 'had-camera';
const mostCameras = 2000;

/** Opens the register over a store. Credentials are sealed before anything is stored; the addresses kept are free of them. */
export function openRoster(options: RosterOptions): Roster {
  const { store, clock } = options;
  const startedMs = clock.nowMs();
  const view = async (row: CameraRow): Promise<Camera> => {
    const [agent, report] = await Promise.all([store.findAgent(row.agentId), store.findReport(row.id)]);
    return toCamera(row, { agent, report, nowMs: clock.nowMs(), startedMs });
  };
  const getRow = async (id: CameraId): Promise<CameraRow> => {
    const row = await store.findCamera(id);
    if (!row) throw new HouseError('not-found', `There is no camera ${id}`, { fix: 'Reload the list of cameras.' });
    return row;
  };
  const tell = async (row: CameraRow): Promise<void> => {
    await options.onDesired(row.agentId);
    options.onChange({ topic: 'cameras' });
    options.onChange({ topic: 'camera', id: row.id });
  };

  return {
    list: () => listAll(store, { nowMs: clock.nowMs(), startedMs }),
    get: async (id) => view(await getRow(id)),
    find: (id) => store.findCamera(id),
    async add(wish, createdBy) {
      const source = await sealSource(options, wish);
      await refuseDuplicate(store, source, undefined);
      const row = await insert(store, { ...toNewRow(wish, source), createdMs: clock.nowMs(), createdBy });
      await store.putSetting(hadCameraSetting, 'true');
      await tell(row);
      return view(row);
    },
    async change(id, wish) {
      const old = await getRow(id);
      const row = await changeRow(options, old, wish);
      if (row.url !== old.url || row.subUrl !== old.subUrl) await refuseDuplicate(store, row, id);
      if (!(await store.changeCamera(row))) {
        throw new HouseError('conflict', 'Somebody else changed this camera just now', {
          fix: 'Look again and repeat.',
        });
      }
      await tell(row);
      return view(row);
    },
    async remove(id, footage) {
      const row = await getRow(id);
      if (!(await store.removeCamera(id))) return;
      await tell(row);
      if (footage === 'delete') {
        await options.onForgetFootage({ agent: row.agentId, camera: id, beforeMs: clock.nowMs() });
      }
    },
    sealSource: (wish) => sealSource(options, wish),
    everHadCamera: async () => (await store.findSetting(hadCameraSetting)) !== undefined,
  };
}

async function listAll(store: Store, times: { nowMs: number; startedMs: number }): Promise<Camera[]> {
  const [rows, agents, reports] = await Promise.all([store.listCameras(), store.listAgents(), store.listReports()]);
  const agentOf = new Map(agents.map((agent) => [agent.id, agent]));
  const reportOf = new Map(reports.map((report) => [report.report.id, report]));
  return rows.map((row) => toCamera(row, { agent: agentOf.get(row.agentId), report: reportOf.get(row.id), ...times }));
}

function toNewRow(wish: AddCamera, source: SealedSource): Omit<CameraRow, 'id' | 'createdMs' | 'createdBy'> {
  return {
    ...source,
    name: wish.name,
    paused: false,
    version: 1,
    ...(wish.stallMs === undefined ? {} : { stallMs: wish.stallMs }),
    ...(wish.capBytes === undefined ? {} : { capBytes: wish.capBytes }),
  };
}

async function insert(store: Store, row: Omit<CameraRow, 'id'>): Promise<CameraRow> {
  if ((await store.listCameras()).length >= mostCameras) {
    throw new HouseError('conflict', `A house has at most ${mostCameras} cameras`, { fix: 'Remove one first.' });
  }
  for (let attempt = 1; attempt <= mostCameras + 1; attempt++) {
    const withId: CameraRow = { ...row, id: toCameraId(row.name, attempt) };
    if (await store.addCamera(withId)) return withId;
  }
  throw new HouseError('conflict', 'No id is left for this name', { fix: 'Give another name.' });
}

async function refuseDuplicate(
  store: Store,
  source: Pick<CameraRow, 'agentId' | 'url'>,
  self: CameraId | undefined,
): Promise<void> {
  const rows = await store.listCameras();
  const twin = rows.find((row) => row.agentId === source.agentId && row.url === source.url && row.id !== self);
  if (!twin) return;
  throw new HouseError('conflict', `This source is there already, as ${twin.name}`, {
    fix: 'Open that camera to change it, or give another address.',
  });
}

async function chooseAgent(options: RosterOptions, wanted: AgentId | undefined): Promise<AgentId> {
  const agents = await options.store.listAgents();
  if (wanted !== undefined) {
    if (wanted === options.defaultAgent || agents.some((agent) => agent.id === wanted)) return wanted;
    throw new HouseError('invalid', `There is no agent ${wanted}`, { fix: 'Choose one that is listed.' });
  }
  if (agents.length === 0) return options.defaultAgent;
  if (agents.length === 1) return agents[0]!.id;
  throw new HouseError('invalid', 'There are several agents', { fix: 'Say which one is near this camera (agentId).' });
}

type Addresses = { readonly main: SourceAddress; readonly sub: SourceAddress | undefined };

function parseAddresses(url: string, subUrl: string | undefined | null): Addresses {
  const main = parseSourceAddress(url);
  const sub = subUrl == null ? undefined : parseSourceAddress(subUrl);
  if (sub && (sub.kind !== main.kind || sub.host?.split(':')[0] !== main.host?.split(':')[0])) {
    throw new HouseError('invalid', 'Main and sub-stream are not of one camera', {
      fix: 'Give both addresses on the same machine, or add it as a camera of its own.',
    });
  }
  if (sub && sub.url === main.url) {
    throw new HouseError('invalid', 'Main and sub-stream are the same', { fix: 'Leave the sub-stream empty.' });
  }
  return { main, sub };
}

/** Credentials given in their own fields win over those in the address. Undefined: none were given. */
function chooseCredentials(
  wish: { readonly username?: string | undefined; readonly password?: string | undefined },
  { main, sub }: Addresses,
): Credentials | undefined {
  if (wish.username !== undefined || wish.password !== undefined) {
    return { username: wish.username ?? main.credentials?.username ?? '', password: wish.password ?? '' };
  }
  return main.credentials ?? sub?.credentials;
}

async function sealCredentials(
  options: RosterOptions,
  agentId: AgentId,
  credentials: Credentials | undefined,
): Promise<Sealed | undefined> {
  if (!credentials || (credentials.username === '' && credentials.password === '')) return undefined;
  const agent = await options.store.findAgent(agentId);
  if (agent?.sealingKey === undefined) {
    throw new HouseError('unavailable', 'The agent has not called yet, so the password cannot be sealed to it', {
      fix: 'Wait a few seconds and try again.',
    });
  }
  return sealedSchema.parse(seal(agent.sealingKey, Buffer.from(JSON.stringify(credentials))));
}

async function sealSource(options: RosterOptions, wish: TestSource): Promise<SealedSource> {
  const camera = wish.cameraId === undefined ? undefined : await options.store.findCamera(wish.cameraId);
  const agentId = camera?.agentId ?? (await chooseAgent(options, wish.agentId));
  const addresses = parseAddresses(wish.url, wish.subUrl);
  const given = chooseCredentials(wish, addresses);
  const isSameMachine = camera !== undefined && parseSourceAddress(camera.url).host === addresses.main.host;
  const stored = given === undefined && isSameMachine ? camera.sealedCredentials : undefined;
  const sealed = stored ?? (await sealCredentials(options, agentId, given));
  return {
    agentId,
    sourceKind: addresses.main.kind,
    url: addresses.main.url,
    ...(addresses.sub ? { subUrl: addresses.sub.url } : {}),
    transport: wish.transport,
    ...(sealed === undefined ? {} : { sealedCredentials: sealed }),
  };
}

async function changeRow(options: RosterOptions, old: CameraRow, wish: PatchCamera): Promise<CameraRow> {
  const addresses = parseAddresses(wish.url ?? old.url, wish.subUrl === undefined ? old.subUrl : wish.subUrl);
  const given = chooseCredentials(wish, addresses);
  if (!given && old.sealedCredentials !== undefined && addresses.main.host !== parseSourceAddress(old.url).host) {
    throw new HouseError('invalid', 'The new address is another machine, and the password was for the old one', {
      fix: 'Give user name and password again.',
    });
  }
  const kept = given
    ? await sealCredentials(options, old.agentId, given)
    : addresses.main.kind === 'rtsp'
      ? old.sealedCredentials
      : undefined;
  const stallMs = wish.stallMs === undefined ? old.stallMs : (wish.stallMs ?? undefined);
  const capBytes = wish.capBytes === undefined ? old.capBytes : (wish.capBytes ?? undefined);
  const budget = wish.budget === undefined ? old.budget : (wish.budget ?? undefined);
  const { subUrl: _sub, sealedCredentials: _sealed, stallMs: _stall, capBytes: _cap, budget: _budget, ...rest } = old;
  return {
    ...rest,
    name: wish.name ?? old.name,
    paused: wish.paused ?? old.paused,
    transport: wish.transport ?? old.transport,
    sourceKind: addresses.main.kind,
    url: addresses.main.url,
    ...(addresses.sub ? { subUrl: addresses.sub.url } : {}),
    ...(kept === undefined ? {} : { sealedCredentials: kept }),
    ...(capBytes === undefined ? {} : { capBytes }),
    ...(budget === undefined ? {} : { budget }),
    ...(wish.recording === undefined ? {} : { recording: wish.recording }),
    version: old.version + 1,
    ...(stallMs === undefined ? {} : { stallMs }),
  };
}
