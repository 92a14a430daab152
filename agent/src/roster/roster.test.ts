import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { LineConfig } from '#line';
import type { AgentCamera } from '#link';
import { openFakeClock } from '@porchlight/base/clock';
import { HouseError } from '@porchlight/base/errors';
import { openTempFolder } from '@porchlight/base/testing';
import { eventIdSchema } from '@porchlight/contract/events';
import { agentIdSchema, cameraIdSchema } from '@porchlight/contract/ids';
import { openRoster, readCameraFile } from './index.ts';

const front = cameraIdSchema.parse('front');
const camera: AgentCamera = {
  id: front,
  name: 'Front',
  sourceKind: 'rtsp',
  url: 'rtsp://camera/live',
  transport: 'tcp',
  paused: false,
  createdMs: 1000,
  capBytes: 5,
  credentials: { username: 'a', password: 'b' },
};

const last = {
  ...{ kind: 'event' as const, camera: front, id: eventIdSchema.parse('e1'), trigger: 'motion' },
  ...{ atMs: 3, fromMs: 1, toMs: 9.4, triggers: 2 },
};

/** A roster whose surroundings write down what they are told. */
function open() {
  const told: string[] = [];
  let applied: readonly LineConfig[] = [];
  let asked: unknown;
  const roster = openRoster({
    clock: openFakeClock(),
    openCredentials: (sealed) => ({ username: 'user', password: sealed }),
    gate: {
      setAgent: (agent) => told.push(`agent ${agent}`),
      setKeys: (keys) => told.push(`${keys.length} keys`),
      endSessions: (sids) => told.push(`gate ends ${sids.join()}`),
    },
    archive: {
      setCamera: (id, { addedMs, capBytes }) => told.push(`camera ${id} ${addedMs} ${capBytes}`),
      removeCamera: async (id) => void told.push(`forget ${id}`),
      usedBytes: () => 77,
      oldestMs: () => undefined,
      lastEvent: () => last,
      keeping: {
        keepCameras: (ids) => void told.push(`keep ${[...ids].join()}`),
        kept: () => ({ continuousBytes: 70, eventBytes: 7, heldBytes: 0 }),
      },
    },
    storage: {
      apply: (config) => void told.push(`storage ${JSON.stringify(config?.budget)}`),
      check: async ({ budget }) => {
        if (budget.continuous?.days === 13) throw new HouseError('invalid', 'unlucky');
      },
      checkFolder: async (folder) => ({ ok: true, message: folder ?? 'main' }),
    },
    pool: {
      apply: (cameras) => {
        applied = cameras;
        told.push(`lines ${cameras.map(({ id }) => id).join()}`);
      },
      ask: async (_camera, verb, args) => {
        asked = { verb, args };
        return { ok: true } as never;
      },
      askAll: async (verb) => {
        told.push(verb);
        return [1, 2] as never;
      },
      reports: new Map(),
    },
  });
  return { roster, told, applied: () => applied, asked: () => asked };
}

test('what the hub wants reaches gate, archive and lines', () => {
  const house = open();
  const agentId = agentIdSchema.parse('local');
  house.roster.take({
    revision: 1,
    agentId,
    cameras: [camera],
    grantKeys: [{}],
    storage: { volumes: [{ id: 'main' }], budget: { continuous: { days: 9 } } },
  });
  assert.deepEqual(house.told, [
    'agent local',
    '1 keys',
    'storage {"continuous":{"days":9}}',
    'camera front 1000 5',
    'keep front',
    'lines front',
  ]);
  const { name: _name, createdMs: _createdMs, capBytes: _capBytes, ...line } = camera;
  assert.deepEqual(house.applied(), [line]);
  assert.equal(house.roster.reports()[0]!.state.status, 'starting');
  assert.equal(house.roster.reports()[0]!.usedBytes, 77);
});

test('footage is forgotten after the line has written its last, and the camera stays out until it is no longer wanted', async () => {
  const house = open();
  house.roster.apply([camera]);
  house.told.length = 0;
  await house.roster.run('forget-footage', { camera: 'front', beforeMs: 2000 });
  assert.deepEqual(house.told, ['keep ', 'lines ', 'line-closed', 'forget front']);
  house.roster.apply([camera]);
  assert.deepEqual(house.applied(), []);
  house.roster.apply([]);
  house.roster.apply([camera]);
  assert.equal(house.applied().length, 1);
});

test('a camera that was added again since keeps its footage', async () => {
  const house = open();
  house.roster.apply([camera]);
  await assert.rejects(house.roster.run('forget-footage', { camera: 'front', beforeMs: 1000 }), { kind: 'conflict' });
});

test('ended sessions end at the gate and in every shard', async () => {
  const house = open();
  assert.deepEqual(await house.roster.run('end-sessions', { sids: ['s1'] }), { ended: 3 });
  assert.deepEqual(house.told, ['gate ends s1', 'close-sessions']);
});

test('a source test opens what is sealed and puts the password where the address wants it', async () => {
  const house = open();
  const url = 'rtsp://camera/user={password}';
  await house.roster.run('test-source', { url, transport: 'udp', sealedCredentials: 'p&w' });
  assert.deepEqual(house.asked(), {
    verb: 'test-source',
    args: {
      sources: [
        {
          kind: 'rtsp',
          url: 'rtsp://camera/user=p%26w',
          stream: 'main',
          transport: 'udp',
          credentials: { username: 'user', password: 'p&w' },
        },
      ],
    },
  });
});

test('the disks are asked about a folder and about a configuration, and their refusal is the answer', async () => {
  const { roster } = open();
  assert.deepEqual(await roster.run('check-folder', { folder: '/mnt/nas' }), { ok: true, message: '/mnt/nas' });
  const config = { volumes: [{ id: 'main' }], budget: { continuous: { days: 13 } } };
  await assert.rejects(roster.run('check-storage', { config }), { kind: 'invalid', message: 'unlucky' });
  await assert.rejects(roster.run('check-storage', { config: { volumes: [] } }), { kind: 'invalid' });
});

test('a command that makes no sense is refused', async () => {
  await assert.rejects(open().roster.run('end-sessions', { sids: 5 }), { kind: 'invalid' });
});

test('a camera file needs id and address, and says which line is wrong', () => {
  using folder = openTempFolder();
  const path = join(folder.path, 'cameras.json');
  writeFileSync(
    path,
    JSON.stringify([
      { id: 'a', url: 'rtsp://x/' },
      { id: 'b', url: '/clip.mp4', paused: true },
    ]),
  );
  const [a, b] = readCameraFile(path, 42);
  assert.deepEqual(a, {
    id: 'a',
    name: 'a',
    url: 'rtsp://x/',
    sourceKind: 'rtsp',
    transport: 'auto',
    paused: false,
    createdMs: 42,
  });
  assert.deepEqual([b!.sourceKind, b!.paused], ['file', true]);
  writeFileSync(path, JSON.stringify([{ id: 'A!' }]));
  assert.throws(() => readCameraFile(path, 0), { kind: 'invalid' });
  assert.throws(() => readCameraFile(join(folder.path, 'none'), 0), { kind: 'invalid' });
});

test('a report names the event that changed last, so that pages hear of it', () => {
  const { roster } = open();
  roster.apply([camera]);
  assert.deepEqual(roster.reports()[0]!.lastEvent, { id: 'e1', toMs: 9, triggers: 2 });
});
