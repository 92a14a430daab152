import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openRandom } from './random.ts';
import {
  goodTranscripts,
  mutate,
  parseTranscript,
  payloadTranscript,
  runTranscript,
  writeTranscript,
} from './index.ts';

const corpus = join(import.meta.dirname, 'corpus');

for (const over of ['tcp', 'udp'] as const) {
  test(`a camera that does everything right is recorded, in every coding, over ${over}`, async () => {
    for (const transcript of goodTranscripts(over)) {
      const { problem, fragments } = await runTranscript(transcript);
      assert.equal(problem, undefined);
      assert.ok(fragments >= 2, `${fragments} fragments`);
    }
  });
}

test('payloads of no coding at all leave the line as it was', async () => {
  const nothing = [[], [0xff], [0x7c, 0x85], [0x62, 1, 0x93], [0x18, 0xff, 0xff, 0x67], [0, 16, 0xff, 0xf8]];
  for (const kind of ['h264', 'h265', 'aac'] as const) {
    const { problem } = await runTranscript(
      payloadTranscript(
        kind,
        nothing.map((bytes) => Uint8Array.from(bytes)),
      ),
    );
    assert.equal(problem, undefined);
  }
});

for (const name of readdirSync(corpus).filter((file) => file.endsWith('.txt'))) {
  test(`bytes that once were too much are borne: ${name}`, async () => {
    const { problem } = await runTranscript(parseTranscript(readFileSync(join(corpus, name), 'utf8')));
    assert.equal(problem, undefined);
  });
}

for (const over of ['tcp', 'udp'] as const) {
  test(`whatever a camera says over ${over}, its line lives and is recorded once the camera is well`, async () => {
    const random = openRandom(20_261_120);
    const good = goodTranscripts(over);
    for (let round = 0; round < 40; round++) {
      const transcript = mutate(good[round % good.length]!, random);
      assert.deepEqual(parseTranscript(writeTranscript(transcript)), transcript);
      const { problem } = await runTranscript(transcript);
      assert.equal(problem, undefined, `${problem}: ${writeTranscript(transcript)}`);
    }
  });
}
