/**
 * Draws the demo street and encodes it: `node tools/draw-street.ts` writes simulator/assets/street.mov (1280×720, sound),
 * street-sub.mov (640×360) and street.json, the stamp that a test compares with this script. Needs ffmpeg with libx264;
 * takes about two minutes. `node tools/draw-street.ts SECONDS FILE.png` draws one picture to look at.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { loopSeconds } from './street/daylight.ts';
import { openStreet, picture } from './street/scene.ts';
import { drawSound, soundRateHz } from './street/sound.ts';
import { assetFolder, hashSource, sha256, type Stamp } from './street/stamp.ts';

const rawVideo = [
  '-f',
  'rawvideo',
  '-pix_fmt',
  'rgb24',
  '-s',
  `${picture.widthPx}x${picture.heightPx}`,
  '-r',
  `${picture.ratePerSecond}`,
  '-i',
  'pipe:0',
];
const colour = ['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'];
/**
 * Baseline, so that every browser's WebRTC decoder takes it, with few reference pictures, so that the level stays low;
 * a key frame every two seconds and nowhere else.
 */
const h264 = [
  ...['-c:v', 'libx264', '-profile:v', 'baseline', '-preset', 'veryslow', '-refs', '3', '-bf', '0', '-threads', '1'],
  ...['-g', '30', '-keyint_min', '30', '-sc_threshold', '0', '-pix_fmt', 'yuv420p', ...colour],
];
/** MOV and not MP4: only QuickTime's container names G.711. */
const container = [
  '-fflags',
  '+bitexact',
  '-flags',
  '+bitexact',
  '-map_metadata',
  '-1',
  '-movflags',
  '+faststart',
  '-f',
  'mov',
];

async function encodeMain(path: string): Promise<void> {
  const sound = drawSound();
  const soundInput = ['-f', 's16le', '-ar', `${soundRateHz}`, '-ac', '1', '-i', 'pipe:3'];
  const filter = ['-vf', 'scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd'];
  const rate = ['-level', '3.1', '-b:v', '820k', '-maxrate', '1100k', '-bufsize', '1600k'];
  const args = [
    '-v',
    'error',
    '-y',
    ...rawVideo,
    ...soundInput,
    ...filter,
    ...h264,
    ...rate,
    '-c:a',
    'pcm_mulaw',
    ...container,
    path,
  ];
  const encoder = spawn('ffmpeg', args, { stdio: ['pipe', 'inherit', 'inherit', 'pipe'] });
  const exited = once(encoder, 'exit');
  const pictures = encoder.stdio[0] as Writable;
  (encoder.stdio[3] as Writable).end(Buffer.from(sound.buffer));
  const street = openStreet();
  for (let index = 0; index < loopSeconds * picture.ratePerSecond; index++) {
    const bytes = Buffer.from(street.draw(index / picture.ratePerSecond));
    if (!pictures.write(bytes)) await once(pictures, 'drain');
    if (index % 60 === 0) console.log(`${Math.round((index / picture.ratePerSecond / loopSeconds) * 100)} %`);
  }
  pictures.end();
  const [code] = (await exited) as [number | null];
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}`);
}

function encodeSub(from: string, path: string): void {
  const filter = ['-vf', 'scale=640:360:flags=lanczos'];
  const rate = ['-level', '3.0', '-b:v', '150k', '-maxrate', '220k', '-bufsize', '400k'];
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-i', from, '-an', ...filter, ...h264, ...rate, ...container, path]);
}

function drawPicture(seconds: number, path: string): void {
  const input = openStreet().draw(seconds);
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...rawVideo, '-frames:v', '1', '-update', '1', path], { input });
}

async function drawAll(): Promise<void> {
  mkdirSync(assetFolder, { recursive: true });
  const sourceSha256 = hashSource();
  await encodeMain(join(assetFolder, 'street.mov'));
  encodeSub(join(assetFolder, 'street.mov'), join(assetFolder, 'street-sub.mov'));
  const files = Object.fromEntries(
    ['street.mov', 'street-sub.mov'].map((name) => {
      const bytes = readFileSync(join(assetFolder, name));
      return [name, { sizeBytes: bytes.length, sha256: sha256(bytes) }];
    }),
  );
  const stamp: Stamp = { sourceSha256, files };
  writeFileSync(join(assetFolder, 'street.json'), `${JSON.stringify(stamp, undefined, 2)}\n`);
}

const [seconds, path] = process.argv.slice(2);
if (seconds !== undefined && path !== undefined) drawPicture(Number(seconds), path);
else await drawAll();
