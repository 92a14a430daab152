import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { footagePath, needs, openTempFolder } from '@porchlight/base/testing';
import { openMovie } from './index.ts';
import { framemd5, openSource, toFragmented } from './test/files.ts';

const folders = [['video'], ['faces', 'video'], ['bitstreams', 'containers']];

function listMovies(): string[] {
  return folders.flatMap((folder) =>
    readdirSync(footagePath(...folder))
      .filter((name) => /\.(mp4|mov|mkv)$/.test(name))
      .map((name) => footagePath(...folder, name)),
  );
}

describe('every movie of the footage', needs('ffmpeg', 'footage'), () => {
  for (const original of needs('footage').skip === false ? listMovies() : []) {
    it(`${original.split('/').at(-1)} decodes to the same frames when read and written as fragments`, () => {
      using folder = openTempFolder();
      let path = original;
      if (path.endsWith('.mkv')) {
        path = join(folder.path, 'source.mp4');
        execFileSync('ffmpeg', ['-v', 'error', '-i', original, '-c', 'copy', path]);
      }
      const source = openSource(path);
      const movie = openMovie(source);
      const copy = join(folder.path, 'copy.mp4');
      writeFileSync(copy, toFragmented(movie));
      source.close();
      const pictures = framemd5(path, 'v:0');
      assert.ok(pictures.length > 10);
      assert.deepEqual(framemd5(copy, 'v:0'), pictures);
      if (movie.tracks.some((track) => track.kind === 'audio'))
        assert.deepEqual(framemd5(copy, 'a:0'), framemd5(path, 'a:0'));
    });
  }
});
