import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openLoop, openMovie, type Movie } from '@porchlight/media/mp4';
import { loopSeconds } from './street/daylight.ts';
import { openStreet, picture } from './street/scene.ts';
import { assetFolder, hashSource, sha256, type Stamp } from './street/stamp.ts';

const stamp = JSON.parse(readFileSync(join(assetFolder, 'street.json'), 'utf8')) as Stamp;

function open(name: string): { bytes: Uint8Array; movie: Movie } {
  const bytes = new Uint8Array(readFileSync(join(assetFolder, name)));
  return {
    bytes,
    movie: openMovie({ sizeBytes: bytes.length, readAt: (at, length) => bytes.subarray(at, at + length) }),
  };
}

describe('the demo street', () => {
  it('was encoded from the drawing as it is now (else run node tools/draw-street.ts)', () => {
    assert.equal(stamp.sourceSha256, hashSource());
    for (const [name, { sha256: expected, sizeBytes }] of Object.entries(stamp.files)) {
      const { bytes } = open(name);
      assert.equal(bytes.length, sizeBytes);
      assert.equal(sha256(bytes), expected);
    }
  });

  it('is small, has a key frame every two seconds, no B pictures, and sound for the whole loop', () => {
    const { bytes, movie } = open('street.mov');
    assert.ok(bytes.length <= 6_000_000, `${bytes.length} bytes`);
    const [video, audio] = movie.tracks;
    assert.ok(video?.kind === 'video' && audio?.kind === 'audio');
    assert.deepEqual(
      [video.widthPx, video.heightPx, video.reorderDepth, audio.codec, audio.sampleRateHz],
      [1280, 720, 0, 'pcmu', 8000],
    );
    assert.equal(video.codecString, 'avc1.42c01f', 'Constrained Baseline, level 3.1');
    const pictures = movie.samples[0]!;
    assert.equal(pictures.sampleCount, loopSeconds * picture.ratePerSecond);
    for (let index = 0; index < pictures.sampleCount; index++) {
      const frame = movie.readSample(0, index);
      assert.ok(frame.kind === 'video');
      assert.equal(frame.key, index % 30 === 0);
      assert.equal(pictures.compositionTicks[index], 0);
    }
    let soundBytes = 0;
    for (let index = 0; index < movie.samples[1]!.sampleCount; index++)
      soundBytes += movie.samples[1]!.sizeBytes[index]!;
    assert.equal(soundBytes, loopSeconds * 8000);
    assert.equal(openLoop(movie).durationMs, loopSeconds * 1000);
  });

  it('has a sub stream of a quarter of the picture', () => {
    const { bytes, movie } = open('street-sub.mov');
    assert.ok(bytes.length <= 1_300_000, `${bytes.length} bytes`);
    const [video] = movie.tracks;
    assert.ok(video?.kind === 'video');
    assert.deepEqual([video.widthPx, video.heightPx], [640, 360]);
    assert.equal(openLoop(movie).durationMs, loopSeconds * 1000);
  });

  it('ends as it begins, is dark in between and shows the time of the loop', () => {
    const street = openStreet();
    const mean = (bytes: Uint8Array): number => bytes.reduce((sum, level) => sum + level, 0) / bytes.length;
    const first = street.draw(0).slice();
    const noon = mean(first);
    assert.ok(mean(street.draw(28)) < noon / 2);
    const last = street.draw(loopSeconds - 1 / picture.ratePerSecond);
    let different = 0;
    const clockTop = 60 * picture.widthPx * 3;
    for (let at = clockTop; at < last.length; at++) if (Math.abs(last[at]! - first[at]!) > 24) different++;
    assert.ok(different < last.length / 500, `${different} of ${last.length} bytes jump at the seam`);
    assert.notDeepEqual(street.draw(3).slice(0, clockTop), first.slice(0, clockTop));
  });
});
