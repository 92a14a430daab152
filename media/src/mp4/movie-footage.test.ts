import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from 'mediabunny';
import { parseInit, scanFragments } from '#fmp4';
import { footagePath, needs, openTempFolder } from '@porchlight/base/testing';
import { openMovie, type Movie } from './index.ts';
import { framemd5, openSource, toFragmented, toSource } from './test/files.ts';

const folders = [['video'], ['faces', 'video'], ['bitstreams', 'containers']];

function listMovies(): string[] {
  return folders.flatMap((folder) =>
    readdirSync(footagePath(...folder))
      .filter((name) => /\.(mp4|mov|mkv)$/.test(name))
      .map((name) => footagePath(...folder, name)),
  );
}

/** Our own reader, recovery and mediabunny agree with what went in. */
async function checkByOthers(bytes: Uint8Array, movie: Movie): Promise<void> {
  const scan = scanFragments(toSource(bytes));
  assert.equal(scan.stoppedAt, 'end');
  assert.equal(scan.wholeBytes, bytes.length);
  assert.deepEqual(parseInit(bytes.subarray(0, scan.initSizeBytes)), movie.tracks);
  const video = movie.tracks.findIndex(({ kind }) => kind === 'video');
  const description = movie.tracks[video]!;
  const pictures = movie.samples[video]!;
  const scanned = scan.fragments.flatMap(({ tracks }) => tracks.filter(({ trackId }) => trackId === video + 1));
  assert.equal(
    scanned.reduce((sum, { sampleCount }) => sum + sampleCount, 0),
    pictures.sampleCount,
  );
  assert.equal(scanned[0]!.key, true);
  const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(bytes) });
  const track = await input.getPrimaryVideoTrack();
  assert.ok(track !== null);
  assert.equal(track.codec, description.codec === 'h264' ? 'avc' : 'hevc');
  const config = await track.getDecoderConfig();
  assert.ok(config?.description !== undefined, 'avcC or hvcC is there');
  let index = 0;
  const origin = pictures.dtsTicks[0]!;
  for await (const packet of new EncodedPacketSink(track).packets()) {
    const ptsTicks = pictures.dtsTicks[index]! - origin + pictures.compositionTicks[index]!;
    assert.equal(Math.round(packet.timestamp * description.clockRateHz), ptsTicks);
    const frame = movie.readSample(video, index++);
    assert.equal(packet.type === 'key', frame.kind === 'video' && frame.key);
    assert.equal(packet.data.length, pictures.sizeBytes[index - 1]);
  }
  assert.equal(index, pictures.sampleCount);
  input.dispose();
}

describe('every movie of the footage', needs('ffmpeg', 'footage'), () => {
  for (const original of needs('footage').skip === false ? listMovies() : []) {
    it(`${original.split('/').at(-1)} decodes to the same frames when read and written as fragments`, async () => {
      using folder = openTempFolder();
      let path = original;
      if (path.endsWith('.mkv')) {
        path = join(folder.path, 'source.mp4');
        execFileSync('ffmpeg', ['-v', 'error', '-i', original, '-c', 'copy', path]);
      }
      const source = openSource(path);
      const movie = openMovie(source);
      const copy = join(folder.path, 'copy.mp4');
      const bytes = toFragmented(movie);
      writeFileSync(copy, bytes);
      await checkByOthers(bytes, movie);
      source.close();
      const pictures = framemd5(path, 'v:0');
      assert.ok(pictures.length > 10);
      assert.deepEqual(framemd5(copy, 'v:0'), pictures);
      if (movie.tracks.some((track) => track.kind === 'audio'))
        assert.deepEqual(framemd5(copy, 'a:0'), framemd5(path, 'a:0'));
    });
  }
});
