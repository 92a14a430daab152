import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { openExport } from '#playback';
import { makeManifest, signManifest } from '#proof';
import { makeHouseKeys, midnight, yard } from '#testing';
import { openTempFolder } from '@porchlight/base/testing';
import { manifestSchema, type Manifest } from '@porchlight/contract/proof';

import { checkArchive, checkManifest, exitCodeOf, verify, writeVerification, type Verification } from './index.ts';
import { houseKey, openWitnessedHouse, type WitnessedHouse } from './test/witnessed-house.ts';

const minuteMs = 60_000;
const chainPath = '.proof/yard/2026-01-01.jsonl';

async function makeClip({ house }: WitnessedHouse, fromMs: number, toMs: number): Promise<Uint8Array> {
  const { archive, volume, log } = house;
  const { body } = openExport({ archive, volume, log }, { camera: yard, stream: 'main', fromMs, toMs });
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}

const check = (value: unknown, clip: Uint8Array, more: object = {}): Promise<Verification> =>
  checkManifest({
    value,
    find: async () => ({ sizeBytes: clip.length, sha256: createHash('sha256').update(clip).digest('hex') }),
    ...more,
  });

test('a clip with its manifest is proved offline, from files, whatever the clip is called now', async () => {
  using world = await openWitnessedHouse();
  await world.record(4);
  const manifest = await world.manifest(midnight + 30_000, midnight + 150_000);
  const clip = await makeClip(world, midnight + 30_000, midnight + 150_000);
  await world.close();
  using folder = openTempFolder();
  const path = join(folder.path, 'evidence.mp4');
  writeFileSync(path, clip);
  writeFileSync(`${path}.proof.json`, JSON.stringify(manifest));
  const found = await verify({ path, house: houseKey });
  assert.deepEqual([found.verdict, found.broken, found.notProved], ['proved', [], []]);
  assert.equal(exitCodeOf[found.verdict], 0);
  assert.match(found.witnesses[0]!, /shown fact \d+ of yard on 2026-01-01/);
  const words = writeVerification(found);
  assert.match(words, /^PROVED/);
  assert.match(words, /evidence|yard_/);
  assert.match(words, /the agent’s word/, 'it says what a clip does not prove');
  assert.equal((await verify({ path: folder.path })).verdict, 'proved', 'and the folder as well');
  assert.match((await verify({ path })).notes.join(), /compare it once/, 'an unknown house is named');
});

test('facts about other footage are in a manifest by digest only', async () => {
  using world = await openWitnessedHouse();
  await world.record(6);
  const manifest = await world.manifest(midnight + 70_000, midnight + 80_000);
  await world.close();
  const shown = manifest.chains[0]!.entries.filter((entry) => 'fact' in entry);
  const hidden = manifest.chains[0]!.entries.length - shown.length;
  assert.equal(shown.length, manifest.files[0]!.facts.length);
  assert.ok(hidden >= 3, `${hidden} hidden`);
  assert.ok(!JSON.stringify(manifest).includes('00-04-0'), 'no path of another minute');
});

test('whatever is changed in a clip or its manifest is found', async () => {
  using world = await openWitnessedHouse();
  await world.record(4);
  const span = [midnight + 30_000, midnight + 150_000] as const;
  const manifest = await world.manifest(...span);
  const clip = await makeClip(world, ...span);
  const seal = (changed: Manifest): Manifest => signManifest(world.chain, changed);
  const other = structuredClone(clip);
  other[other.length >> 1]! ^= 1;
  const flipped = await check(manifest, other);
  assert.match(flipped.broken[0]!, /was changed/);
  assert.equal(exitCodeOf[flipped.verdict], 1);

  const tampered = structuredClone(manifest) as { files: { fromMs: number }[] };
  tampered.files[0]!.fromMs += 1000;
  assert.match((await check(tampered, clip)).broken[0]!, /something in it was changed/);

  // From here on by somebody who has the agent's key and signs anew.
  const dropped = structuredClone(manifest);
  dropped.chains[0]!.entries.splice(1, 1);
  assert.match((await check(seal(dropped), clip)).broken.join(), /taken out|another record|but here are only/);

  const edited = structuredClone(manifest);
  const entry = edited.chains[0]!.entries.find((one) => 'fact' in one && one.fact.what.kind === 'segment');
  assert.ok(entry !== undefined && 'fact' in entry && entry.fact.what.kind === 'segment');
  Object.assign(entry.fact.what, { sha256: '0'.repeat(64) });
  assert.match((await check(seal(edited), clip)).broken.join(), /made of another record/);

  const unwitnessed = structuredClone(manifest);
  unwitnessed.chains[0]!.receipts.length = 0;
  const alone = await check(seal(unwitnessed), clip);
  assert.deepEqual([alone.verdict, exitCodeOf[alone.verdict]], ['open', 3]);
  assert.match(alone.notProved.join(), /the box alone could have written them anew/);
  await world.close();
});

test('a manifest of another house, or of nobody, proves nothing', async () => {
  using world = await openWitnessedHouse();
  await world.record(2);
  const span = [midnight, midnight + minuteMs] as const;
  const manifest = await world.manifest(...span);
  const clip = await makeClip(world, ...span);
  await world.close();
  assert.match((await check(manifest, clip, { house: '1'.repeat(64) })).broken.join(), /not by 1111/);
  const { signature: _signature, ...unsigned } = manifest;
  assert.match((await check(unsigned, clip)).notProved.join(), /not signed/);
  const foreign = { ...manifest, certificates: [makeHouseKeys().housePem] };
  const found = await check(foreign, clip);
  assert.equal(found.verdict, 'open');
  assert.deepEqual(found.witnesses, []);
  await assert.rejects(check({ format: 'other' }, clip), /no manifest/);
});

test('the manifest says when a recorded file was not the recorded one any more as the clip was made', async () => {
  using world = await openWitnessedHouse();
  await world.record(3);
  const path = [...world.house.volume.files.keys()].find((name) => name.endsWith('.mp4'))!;
  const content = world.house.volume.contents.get(path)!;
  content.bytes[content.sizeBytes - 10]! ^= 1;
  const manifest = await world.manifest(midnight, midnight + 50_000);
  const clip = await makeClip(world, midnight, midnight + 50_000);
  await world.close();
  assert.deepEqual(manifest.files[0]!.altered, [2]);
  assert.match((await check(manifest, clip)).broken.join(), /was not the one recorded any more/);
});

test('an archive’s folder is proved by its chain files alone, and every harm to it is found', async () => {
  using world = await openWitnessedHouse();
  await world.record(5);
  await world.close();
  const { volume } = world.house;
  const pristine = new Map([...volume.files].map(([path, bytes]) => [path, bytes.slice()]));
  const restore = (): void => {
    volume.contents.clear();
    for (const [path, bytes] of pristine) volume.put(path, bytes);
  };
  const found = await checkArchive({ volume, house: houseKey });
  assert.deepEqual([found.verdict, found.broken, found.notProved], ['proved', [], []]);
  assert.ok(found.files >= 5);
  const paths = [...pristine.keys()].filter((path) => path.endsWith('.mp4'));
  const lines = Buffer.from(pristine.get(chainPath)!).toString().split('\n');
  const facts = lines.flatMap((line, index) => (line.includes('"kind":"segment"') ? [index] : []));
  const write = (changed: string[]): void => volume.put(chainPath, Buffer.from(changed.join('\n')));
  const harms: Record<string, [() => void, RegExp]> = {
    'a flipped byte': [() => void (volume.contents.get(paths[1]!)!.bytes[300]! ^= 1), /was changed: its SHA-256/],
    'a deleted file': [() => void volume.contents.delete(paths[1]!), /is gone, and no tombstone says why/],
    'a dropped fact': [() => write(lines.filter((_, index) => index !== facts[1])), /a fact was taken out/],
    'two facts swapped': [
      () => {
        const changed = [...lines];
        [changed[facts[0]!], changed[facts[1]!]] = [changed[facts[1]!]!, changed[facts[0]!]!];
        write(changed);
      },
      /a fact was taken out, or their order changed/,
    ],
    'a file and its fact cut out of the end': [
      () => {
        volume.contents.delete(paths.at(-1)!);
        write(lines.filter((_, index) => index !== facts.at(-1)));
      },
      /signed \d+ facts, but here are only|shown \d+ facts, but here are only/,
    ],
    'a forged tombstone': [
      () => {
        volume.contents.delete(paths.at(-1)!);
        const of = JSON.parse(lines[facts.at(-1)!]!) as { fact: { seq: number; what: object } };
        const what = { ...of.fact.what, kind: 'tombstone', rule: 'budget', of: of.fact.seq };
        const fact = { ...of.fact, seq: of.fact.seq + 1, what };
        const key = JSON.parse(lines.find((line) => line.includes('"head"'))!) as { head: { key: string } };
        write([...lines, JSON.stringify({ fact, signature: 'A'.repeat(86), key: key.head.key })]);
      },
      /tombstone \d+ has a false signature/,
    ],
    'an edited time': [
      () => write(lines.map((line, index) => (index === facts[0] ? line.replace('"fromMs":', '"fromMs":1') : line))),
      /made of another record/,
    ],
  };
  for (const [name, [harm, words]] of Object.entries(harms)) {
    restore();
    harm();
    const harmed = await checkArchive({ volume, house: houseKey });
    assert.equal(harmed.verdict, 'broken', name);
    assert.match(harmed.broken.join('\n'), words, name);
  }
  restore();
  volume.put('yard/main/2026-01-01/05-00-00.000Z.mp4', pristine.get(paths[0]!)!);
  assert.match((await checkArchive({ volume })).notProved.join(), /1 files have no fact/);
});

test('an older copy of the whole disk is proved by itself and betrayed by what the hub has written down', async () => {
  using world = await openWitnessedHouse();
  await world.record(3);
  const old = new Map([...world.house.volume.files].map(([path, bytes]) => [path, bytes.slice()]));
  await world.record(3);
  await world.close();
  const { volume } = world.house;
  volume.contents.clear();
  for (const [path, bytes] of old) volume.put(path, bytes);
  assert.deepEqual((await checkArchive({ volume })).broken, []);
  const found = await checkArchive({ volume, statements: [world.hub.state(yard)] });
  assert.equal(found.verdict, 'broken');
  assert.match(found.broken.join(), /a witness was shown \d+ facts, but here are only \d+/);
});

test('a record written anew with the agent’s own key does not fit what the hub was shown', async () => {
  using first = await openWitnessedHouse();
  await first.record(4);
  await first.close();
  using second = await openWitnessedHouse(); // the same key, another past
  await second.house.clock.advance(2000);
  second.hub.online = false;
  await second.record(6);
  await second.close();
  const { volume } = second.house;
  const alone = await checkArchive({ volume });
  assert.deepEqual([alone.verdict, alone.broken], ['open', []]);
  const found = await checkArchive({ volume, statements: [first.hub.state(yard)] });
  assert.match(found.broken.join(), /was made of another record than this one/);
});

test('without a key nothing is called proved', async () => {
  using world = await openWitnessedHouse({ signed: false });
  await world.record(2);
  const manifest = manifestSchema.parse(await world.manifest(midnight, midnight + minuteMs));
  const clip = await makeClip(world, midnight, midnight + minuteMs);
  await world.close();
  const found = await check(manifest, clip);
  assert.equal(found.verdict, 'open');
  assert.match(found.notProved.join(), /not signed/);
});

test('a folder of recorded files with its manifest is proved byte for byte, and a changed one is named', async () => {
  using world = await openWitnessedHouse();
  await world.record(3);
  const { house, chain, notary } = world;
  const segments = house.archive.listSegments(yard, 'main', { fromMs: midnight, toMs: midnight + 3 * minuteMs });
  using folder = openTempFolder();
  const files = segments.map(({ id, path, startMs: fromMs, endMs: toMs }) => {
    const bytes = house.volume.files.get(path)!;
    const name = path.split('/').at(-1)!;
    writeFileSync(join(folder.path, name), bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const place = { camera: yard, stream: 'main' as const, fromMs, toMs };
    return { name, kind: 'segment' as const, ...place, sizeBytes: bytes.length, sha256, segments: [id] };
  });
  const manifest = makeManifest({ chain, agent: notary.agentId, nowMs: house.clock.nowMs() }, files);
  await world.close();
  writeFileSync(join(folder.path, 'night.proof.json'), JSON.stringify(manifest));
  const found = await verify({ path: folder.path, house: houseKey });
  assert.equal(found.verdict, 'proved', JSON.stringify(found));
  assert.equal(found.proved.filter((text) => text.includes('byte for byte')).length, files.length);
  writeFileSync(join(folder.path, files[1]!.name), 'other');
  const changed = await verify({ path: folder.path, house: houseKey });
  assert.deepEqual([changed.verdict, changed.broken.length], ['broken', 1]);
  assert.ok(changed.broken[0]!.startsWith(files[1]!.name));
  // Somebody with the agent’s key who swaps file and hash is betrayed by the fact.
  const swapped = structuredClone(manifest);
  swapped.files[1]!.sha256 = createHash('sha256').update('other').digest('hex');
  writeFileSync(join(folder.path, 'night.proof.json'), JSON.stringify(signManifest(chain, swapped)));
  const signed = await verify({ path: folder.path, house: houseKey });
  assert.match(signed.broken.join(), /is not the file that was recorded/);
});

type Leaf = { readonly in: Record<string, unknown>; readonly name: string };

function* leavesOf(value: unknown): Generator<Leaf> {
  if (value === null || typeof value !== 'object') return;
  for (const [name, item] of Object.entries(value)) {
    if (item !== null && typeof item === 'object') yield* leavesOf(item);
    else yield { in: value as Record<string, unknown>, name };
  }
}

test('no single change of a manifest is called proved, and none makes the check fall over', async () => {
  using world = await openWitnessedHouse();
  await world.record(2);
  const span = [midnight, midnight + 90_000] as const;
  const manifest = await world.manifest(...span);
  const clip = await makeClip(world, ...span);
  const count = [...leavesOf(manifest)].length;
  const change = fc.oneof(fc.string(), fc.integer(), fc.constantFrom(null, true, {}, []), fc.constant(undefined));
  await fc.assert(
    fc.asyncProperty(fc.nat(count - 1), change, fc.boolean(), async (at, to, again) => {
      const changed = structuredClone(manifest);
      const leaf = [...leavesOf(changed)][at]!;
      if (JSON.stringify(leaf.in[leaf.name]) === JSON.stringify(to)) return;
      leaf.in[leaf.name] = to;
      const value: unknown = JSON.parse(JSON.stringify(changed));
      const outcome = await check(value, clip).then(
        ({ verdict }) => verdict,
        (error: unknown) => (assert.ok(error instanceof TypeError), 'no manifest'),
      );
      assert.notEqual(outcome, 'proved', `${leaf.name} → ${JSON.stringify(to)}`);
      // Signed anew by the agent itself it may pass, but never falls over.
      if (again && outcome !== 'no manifest') await check(signManifest(world.chain, value as Manifest), clip);
    }),
    { numRuns: 300 },
  );
  await world.close();
});
