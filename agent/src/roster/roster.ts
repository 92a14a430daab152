import { z } from 'zod';
import type { Archive } from '#archive';
import type { GrantGate } from '#api';
import { putBack, type AgentCamera, type DesiredState, type Link } from '#link';
import type { Keeping } from '#retention';
import type { ShardPool } from '#shard';
import type { SourceConfig } from '#source';
import type { Clock } from '@porchlight/base/clock';
import { HouseError } from '@porchlight/base/errors';
import type { CameraReport, CommandVerb } from '@porchlight/contract/agent';
import { transportSchema, type SourceTest, type StreamName } from '@porchlight/contract/camera';
import { cameraIdSchema, type CameraId } from '@porchlight/contract/ids';
import { checkFolderSchema, storageConfigSchema } from '@porchlight/contract/storage';
import type { StorageDesk } from './storage-desk.ts';
import { toLineConfig, toSourceKind } from './to-line-config.ts';

/** What a roster moves. */
export type RosterOptions = {
  readonly archive: Pick<Archive, 'setCamera' | 'removeCamera' | 'usedBytes' | 'oldestMs' | 'lastEvent'> & {
    readonly keeping: Pick<Keeping, 'keepCameras' | 'kept'>;
  };
  /** Where footage is kept. */
  readonly storage: StorageDesk;
  readonly pool: Pick<ShardPool, 'apply' | 'ask' | 'askAll' | 'reports'>;
  readonly gate: Pick<GrantGate, 'setAgent' | 'setKeys' | 'endSessions'>;
  readonly clock: Clock;
  /** Opens credentials sealed to this agent. */
  readonly openCredentials: Link['openCredentials'];
  /** The cameras from now on. */
  readonly onCameras?: (cameras: readonly CameraId[]) => void;
};

/** The cameras that this agent has, and what the hub may ask about them. */
export type Roster = {
  /** From the hub: cameras, keys, caps. */
  take(desired: DesiredState): void;
  /** The cameras from now on. */
  apply(cameras: readonly AgentCamera[]): void;
  /** How every camera is; those whose shard has not spoken yet are starting. */
  reports(): CameraReport[];
  /** Does what a command of the hub asks. Throws `HouseError`. */
  run(verb: CommandVerb, args: Readonly<Record<string, unknown>>): Promise<unknown>;
};

const testSchema = z.object({
  url: z.string(),
  subUrl: z.string().optional(),
  transport: transportSchema.default('auto'),
  sealedCredentials: z.string().optional(),
});
const forgetSchema = z.object({ camera: cameraIdSchema, beforeMs: z.number().optional() });
const checkStorageSchema = z.object({ config: storageConfigSchema });
const endSessionsSchema = z.object({ sids: z.array(z.string()).max(10_000) });

/** Opens an empty roster. */
export function openRoster(options: RosterOptions): Roster {
  return new CameraRoster(options);
}

class CameraRoster implements Roster {
  readonly #options: RosterOptions;
  #cameras: readonly AgentCamera[] = [];
  /** Being forgotten: stays out until the hub stops wanting it. */
  readonly #leaving = new Set<CameraId>();

  constructor(options: RosterOptions) {
    this.#options = options;
  }

  take({ agentId, grantKeys, storage, cameras }: DesiredState): void {
    const { gate } = this.#options;
    gate.setAgent(agentId);
    gate.setKeys(grantKeys);
    this.#options.storage.apply(storage);
    this.apply(cameras);
  }

  apply(cameras: readonly AgentCamera[]): void {
    for (const id of this.#leaving) if (!cameras.some((camera) => camera.id === id)) this.#leaving.delete(id);
    this.#cameras = cameras.filter(({ id }) => !this.#leaving.has(id));
    const { archive } = this.#options;
    for (const { id, createdMs, capBytes, budget } of this.#cameras)
      archive.setCamera(id, { addedMs: createdMs, capBytes, budget });
    const ids = this.#cameras.map(({ id }) => id);
    archive.keeping.keepCameras(ids);
    this.#options.onCameras?.(ids);
    this.#options.pool.apply(this.#cameras.map(toLineConfig));
  }

  reports(): CameraReport[] {
    const { pool, archive, clock } = this.#options;
    return this.#cameras.map(({ id, paused }) => {
      const report = pool.reports.get(id);
      const oldestMs = archive.oldestMs(id);
      const last = archive.lastEvent(id);
      return {
        id,
        state: report?.state ?? { status: paused ? 'paused' : 'starting', sinceMs: clock.nowMs() },
        streams: [...(report?.streams ?? [])],
        usedBytes: archive.usedBytes(id),
        kept: archive.keeping.kept(id),
        ...(oldestMs === undefined ? {} : { oldestMs }),
        ...(last === undefined
          ? {}
          : { lastEvent: { id: last.id, toMs: Math.round(last.toMs), triggers: last.triggers } }),
      };
    });
  }

  async run(verb: CommandVerb, args: Readonly<Record<string, unknown>>): Promise<unknown> {
    switch (verb) {
      case 'test-source':
        return this.#test(parse(testSchema, args));
      case 'forget-footage':
        return this.#forget(parse(forgetSchema, args));
      case 'check-folder':
        return this.#options.storage.checkFolder(parse(checkFolderSchema, args).folder);
      case 'check-storage':
        await this.#options.storage.check(parse(checkStorageSchema, args).config);
        return { ok: true };
      case 'end-sessions': {
        const { sids } = parse(endSessionsSchema, args);
        this.#options.gate.endSessions(sids);
        const ended = await this.#options.pool.askAll('close-sessions', { sids });
        return { ended: ended.reduce((sum, count) => sum + count, 0) };
      }
    }
  }

  #test(given: z.infer<typeof testSchema>): Promise<SourceTest> {
    const { openCredentials, pool } = this.#options;
    const credentials = given.sealedCredentials === undefined ? undefined : openCredentials(given.sealedCredentials);
    const toSource = (stream: StreamName, address: string): SourceConfig => ({
      kind: toSourceKind(address),
      url: credentials ? putBack(address, credentials.password) : address,
      stream,
      transport: given.transport,
      ...(credentials ? { credentials } : {}),
    });
    const sources = [toSource('main', given.url)];
    if (given.subUrl !== undefined) sources.push(toSource('sub', given.subUrl));
    return pool.ask(undefined, 'test-source', { sources });
  }

  /** The line must have written its last before its files go. */
  async #forget({ camera, beforeMs = Infinity }: z.infer<typeof forgetSchema>): Promise<{ forgotten: true }> {
    const { archive, pool } = this.#options;
    const wanted = this.#cameras.find(({ id }) => id === camera);
    if (wanted && wanted.createdMs >= beforeMs)
      throw new HouseError('conflict', 'The camera was added again since', { fix: 'Remove it first.' });
    if (wanted) {
      this.#leaving.add(camera);
      this.apply(this.#cameras);
    }
    await pool.askAll('line-closed', { camera });
    await archive.removeCamera(camera);
    return { forgotten: true };
  }
}

function parse<Value>(schema: z.ZodType<Value>, args: unknown): Value {
  const parsed = schema.safeParse(args);
  if (parsed.success) return parsed.data;
  throw new HouseError('invalid', 'The command makes no sense to this agent', {
    fix: 'Bring hub and agent to the same version.',
  });
}
