import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { findVolumeTrouble, openDiskVolume, type Volume, type VolumePlace, type VolumeSet } from '#volume';
import type { Clock, Timer } from '@porchlight/base/clock';
import type { Log } from '@porchlight/base/log';
import { readSecretFile, writeSecretFile } from '@porchlight/base/secrets';
import {
  mainVolume,
  volumeIdSchema,
  type VolumeConfig,
  type VolumeId,
  type VolumeState,
} from '@porchlight/contract/storage';
import type { RecordingTarget } from './recording-volume.ts';
import { IdentityGuard, readIdentity, writeIdentity } from './volume-identity.ts';

export type VolumesOptions = {
  /** Which identity belongs to which volume is kept in it. */
  readonly folder: string;
  /** Where `main` lies. */
  readonly mainFolder: string;
  readonly clock: Clock;
  readonly log: Log;
  /** How a folder's volume is made; tests put a fake disk here. */
  readonly openVolume?: typeof openDiskVolume;
};

/** The places for footage on this machine, each with a file that says which one it is. */
export type Volumes = Required<VolumeSet> & {
  /**
   * The places from now on, in order. Those that are new are given an identity, or taken over with theirs. `holding` names places
   * that still hold footage: they stay, behind the others, though nobody lists them any more.
   */
  setPlaces(places: readonly Pick<VolumeConfig, 'id' | 'folder'>[], holding?: readonly VolumeId[]): void;
  /** Where recorders write. */
  readonly target: RecordingTarget;
  /** Looks at every place now; also happens every few seconds by itself. Resolves when all have been looked at. */
  look(): Promise<void>;
  /** What writing has met with, told by those who write. */
  noteTrouble(id: VolumeId | undefined, state: 'full' | 'failing'): void;
  close(): void;
};

const lookMs = 5_000;
/** A disk that does not answer for so long is failing. */
const answerMs = 15_000;
const knownSchema = z.record(volumeIdSchema, z.object({ folder: z.string(), identity: z.string() }));
type Known = z.infer<typeof knownSchema>;

/** Opens `main`; resolves when it has been looked at. A disk that is not there is a state, not a failure. */
export async function openVolumes(options: VolumesOptions): Promise<Volumes> {
  const volumes = new FolderVolumes(options);
  volumes.setPlaces([{ id: mainVolume }]);
  await volumes.look();
  return volumes;
}

type Place = {
  readonly id: VolumeId;
  readonly folder: string;
  identity: string | undefined;
  guard: IdentityGuard;
  volume: Volume;
  state: VolumeState;
  sinceMs: number;
  looking: Promise<void> | undefined;
};

class FolderVolumes implements Volumes {
  readonly #options: VolumesOptions;
  readonly #path: string;
  readonly #timer: Timer;
  readonly #watchers = new Set<(place: VolumePlace) => void>();
  #known: Known;
  #places: readonly Place[] = [];

  constructor(options: VolumesOptions) {
    this.#options = options;
    this.#path = join(options.folder, 'volumes.json');
    this.#known = readKnown(this.#path, options.log);
    // A disk that does not answer is not asked again before it has.
    this.#timer = options.clock.every(lookMs, () => {
      for (const place of this.#places) if (place.looking === undefined) void this.#look(place);
    });
  }

  list(): readonly VolumePlace[] {
    return this.#places;
  }

  watch(call: (place: VolumePlace) => void): () => void {
    this.#watchers.add(call);
    return () => void this.#watchers.delete(call);
  }

  get target(): RecordingTarget {
    const { id, folder, identity } = this.#places[0]!;
    return { id, folder, identity };
  }

  setPlaces(listed: readonly Pick<VolumeConfig, 'id' | 'folder'>[], holding: readonly VolumeId[] = []): void {
    const left = holding.filter((id) => !listed.some((place) => place.id === id));
    const known = left.flatMap((id) => (this.#known[id] ? [{ id, folder: this.#known[id].folder }] : []));
    const wanted = [...listed, ...known];
    const before = new Map(this.#places.map((place) => [place.id, place]));
    this.#places = wanted.map(({ id, folder = this.#options.mainFolder }) => {
      const place = before.get(id);
      return place?.folder === folder ? place : this.#open(id, folder);
    });
    void this.look();
  }

  async look(): Promise<void> {
    await Promise.all(this.#places.map((place) => this.#look(place)));
  }

  noteTrouble(id: VolumeId | undefined, state: 'full' | 'failing'): void {
    const place = this.#places.find((one) => one.id === (id ?? this.#places[0]!.id));
    if (place?.state === 'ok') this.#setState(place, state);
  }

  close(): void {
    this.#timer.cancel();
    this.#watchers.clear();
  }

  #open(id: VolumeId, folder: string): Place {
    const { clock, openVolume = openDiskVolume } = this.#options;
    const known = this.#known[id];
    const identity = known?.folder === folder ? known.identity : undefined;
    const guard = new IdentityGuard(folder, identity ?? '');
    const volume = openVolume(folder, { clock, id, guard });
    const state = identity === undefined ? 'missing' : 'ok';
    return { id, folder, identity, guard, volume, state, sinceMs: clock.nowMs(), looking: undefined };
  }

  /** A folder that is new here: its own identity when it has one, else a fresh one. Undefined: not now. */
  async #claim(id: VolumeId, folder: string): Promise<string | undefined> {
    const { log } = this.#options;
    try {
      const identity = (await readIdentity(folder))?.volume ?? (await writeIdentity(folder));
      this.#known = { ...this.#known, [id]: { folder, identity } };
      writeSecretFile(this.#path, `${JSON.stringify(this.#known)}\n`);
      return identity;
    } catch (error) {
      log.warn('A place for footage cannot be used yet', { volume: id, error });
      return undefined;
    }
  }

  /** One look after the other: what comes out is no older than the call. */
  #look(place: Place): Promise<void> {
    const look = (place.looking ?? Promise.resolve())
      .then(() => this.#lookNow(place))
      .finally(() => {
        if (place.looking === look) place.looking = undefined;
      });
    place.looking = look;
    return look;
  }

  async #lookNow(place: Place): Promise<void> {
    const { clock } = this.#options;
    const late = clock.after(answerMs, () => this.#setState(place, 'failing'));
    try {
      this.#setState(place, await this.#findState(place));
    } catch (error) {
      this.#setState(place, findVolumeTrouble(error) ?? 'failing');
    } finally {
      late.cancel();
    }
  }

  async #findState(place: Place): Promise<VolumeState> {
    if (place.identity === undefined) {
      const identity = await this.#claim(place.id, place.folder);
      if (identity === undefined) return fs.existsSync(place.folder) ? 'read-only' : 'missing';
      place.identity = identity;
      place.guard = new IdentityGuard(place.folder, identity);
      const { clock, openVolume = openDiskVolume } = this.#options;
      place.volume = openVolume(place.folder, { clock, id: place.id, guard: place.guard });
    }
    const trouble = await place.guard.look();
    if (trouble !== undefined) return trouble;
    try {
      await fs.promises.access(place.folder, fs.constants.W_OK);
    } catch {
      return 'read-only';
    }
    if (place.state === 'full' || place.state === 'failing') await tryToWrite(place.folder);
    return 'ok';
  }

  #setState(place: Place, state: VolumeState): void {
    if (place.state === state || !this.#places.includes(place)) return;
    const { clock, log } = this.#options;
    const level = state === 'ok' ? 'info' : 'error';
    log[level]('The state of a place for footage has changed', { volume: place.id, before: place.state, state });
    place.state = state;
    place.sinceMs = clock.nowMs();
    for (const call of this.#watchers) call(place);
  }
}

const trialBytes = 64 << 10;

/** What was full or failing is well when it takes a little again. */
async function tryToWrite(folder: string): Promise<void> {
  const path = join(folder, `.porchlight-check-${randomBytes(6).toString('hex')}`);
  const file = await fs.promises.open(path, 'wx', 0o600);
  try {
    await file.writeFile(Buffer.alloc(trialBytes));
    await file.sync();
  } finally {
    await file.close();
    await fs.promises.rm(path, { force: true });
  }
}

function readKnown(path: string, log: Log): Known {
  const text = readSecretFile(path);
  if (text === undefined) return {};
  try {
    return knownSchema.parse(JSON.parse(text));
  } catch (error) {
    log.error('volumes.json makes no sense: the places are taken over as they are found', { error });
    return {};
  }
}
