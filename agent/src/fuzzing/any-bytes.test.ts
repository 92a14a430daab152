import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openRandom } from './random.ts';
import { goodTranscripts, mutate, parseTranscript, runTranscript, writeTranscript } from './index.ts';

const corpus = join(import.meta.dirname, 'corpus');

test('a camera that does everything right is recorded, in every coding', async () => {
  for (const transcript of goodTranscripts()) {
    const { problem, fragments } = await runTranscript(transcript);
    assert.equal(problem, undefined);
    assert.ok(fragments >= 2, `${fragments} fragments`);
  }
});

for (const name of readdirSync(corpus).filter((file) => file.endsWith('.txt'))) {
  test(`bytes that once were too much are borne: ${name}`, async () => {
    const { problem } = await runTranscript(parseTranscript(readFileSync(join(corpus, name), 'utf8')));
    assert.equal(problem, undefined);
  });
}

test('whatever a camera says, its line lives and is recorded once the camera is well', async () => {
  const random = openRandom(20_261_120);
  const good = goodTranscripts();
  for (let round = 0; round < 60; round++) {
    const transcript = mutate(good[round % good.length]!, random);
    assert.deepEqual(parseTranscript(writeTranscript(transcript)), transcript);
    const { problem } = await runTranscript(transcript);
    assert.equal(problem, undefined, writeTranscript(transcript));
  }
});
