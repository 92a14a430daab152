import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { chromium, type Browser } from 'playwright-core';
import { footagePath, needs, openTempFolder } from '@porchlight/base/testing';
import { toNalUnit } from '#nal';
import { openMovie, type Movie } from './index.ts';
import { framemd5, toFragmented, toSource } from './test/files.ts';

/** The movie as a camera would send it: its parameter sets once more before each key frame, and an AUD before each picture. */
function withSetsInBand(movie: Movie): Movie {
  return {
    ...movie,
    readSample(track, index) {
      const frame = movie.readSample(track, index);
      const description = movie.tracks[track]!;
      if (frame.kind !== 'video' || description.kind !== 'video') return frame;
      const sets = frame.key ? description.parameterSets : [];
      const added = [Uint8Array.of(9, 0xf0), ...sets].map((set) => toNalUnit('h264', set));
      const nalUnits = [...added, ...frame.nalUnits];
      return { ...frame, nalUnits, sizeBytes: nalUnits.reduce((sum, unit) => sum + unit.sizeBytes, 0) };
    },
  };
}

type Seen = { frames: number; ranges: [number, number][]; error: string; ended: boolean };

describe('what we write', needs('chromium', 'ffmpeg', 'footage'), () => {
  let browser: Browser;

  before(async () => {
    const args = [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
    ];
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', headless: true, args });
  });
  after(() => browser.close());

  const clips = [
    { path: ['bitstreams', 'containers', 'androidx-bbb_800x640_768kbps_30fps_avc_pyramid_3b.mp4'], seconds: 4 },
    { path: ['video', 'outdoor-person-and-dog.mp4'], seconds: 9.6 },
  ];
  for (const { path, seconds } of clips) {
    it(`plays in Chromium and ffmpeg with parameter sets in band and B pictures: ${path.at(-1)}`, async () => {
      using folder = openTempFolder();
      const movie = openMovie(toSource(new Uint8Array(readFileSync(footagePath(...path)))));
      const bytes = toFragmented(withSetsInBand(movie));
      const copy = join(folder.path, 'copy.mp4');
      writeFileSync(copy, bytes);
      assert.deepEqual(framemd5(copy, 'v:0'), framemd5(footagePath(...path), 'v:0'));
      assert.equal(execFileSync('ffmpeg', ['-v', 'warning', '-i', copy, '-f', 'null', '-'], { encoding: 'utf8' }), '');
      const codecs = movie.tracks.map((track) => track.codecString).join(',');
      const page = await browser.newPage();
      await page.addScriptTag({ path: join(import.meta.dirname, 'test/page.js') });
      const file = { base64: Buffer.from(bytes).toString('base64'), type: `video/mp4; codecs="${codecs}"` };
      const seen = await page.evaluate<Seen>(`playAll(${JSON.stringify(file)})`);
      await page.close();
      assert.equal(seen.error, '');
      assert.ok(seen.ended);
      assert.equal(seen.ranges.length, 1);
      assert.ok(seen.ranges[0]![0] < 0.2 && seen.ranges[0]![1] > seconds - 0.2, String(seen.ranges));
      assert.ok(seen.frames > movie.samples[0]!.sampleCount * 0.9, `${seen.frames} frames`);
    });
  }
});
