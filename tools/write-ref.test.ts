import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { writeReference } from './write-ref.ts';

test('docs/ref is what the contract and the command say today (node tools/write-ref.ts makes it)', () => {
  const pages = writeReference();
  assert.ok(pages.size >= 2);
  for (const [name, text] of pages) {
    assert.equal(
      readFileSync(resolve(import.meta.dirname, '../docs/ref', name), 'utf8'),
      text,
      `docs/ref/${name} is stale`,
    );
  }
});
