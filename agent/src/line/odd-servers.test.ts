import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { footagePath, needs, openTempFolder } from '@porchlight/base/testing';
import { hashPictures, openFilm } from './test/film.ts';
import { oddServers, toScript } from './test/odd-servers.ts';
import { record } from './test/record.ts';
import { openScriptedCamera } from './test/scripted-camera.ts';

describe('servers that do it their own way are recorded bit for bit', needs('ffmpeg', 'footage'), () => {
  const path = footagePath('video/carpark-car-and-cyclist.mp4');
  let source: readonly string[] | undefined;
  for (const one of oddServers) {
    test(one.server, { timeout: 30_000 }, async () => {
      using folder = openTempFolder();
      const film = openFilm(path);
      const options = { film, videoType: 96, inBand: false, ...one.options };
      const camera = await openScriptedCamera({ ...options, script: toScript(one, film) });
      const onStep = (elapsedMs: number): void => one.onStep?.(camera, elapsedMs);
      const connections = 1 + (one.reconnects ?? 0);
      const recorded = await record(camera, { folder: folder.path, config: { ...one.config }, onStep, connections });
      await camera.close();
      assert.equal(recorded.paths.length > 0, true, JSON.stringify(recorded.report.state));
      source ??= hashPictures(path);
      assert.deepEqual(hashPictures(recorded.paths.at(-1)!).slice(0, source.length), source);
      assert.equal(camera.connections, connections);
      one.check?.(camera, recorded);
    });
  }
});
