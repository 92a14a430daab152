/** A picture that carries its own number: 12 blocks along the top edge, black or white, least significant first. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './measure.ts';

export const numberedFps = 25;
export const numberedFrames = 1000;
const bits = 12;

/** 1080p25, 2 Mbit/s, a key frame every so many seconds, no B-frames, 40 s; frame n shows n. Made once by ffmpeg. */
export function numberedLoad(gopSeconds = 2): string {
  const file = join(cacheFolder, gopSeconds === 2 ? 'numbered-1080p25.mp4' : `numbered-1080p25-gop${gopSeconds}.mp4`);
  if (existsSync(file)) return file;
  mkdirSync(cacheFolder, { recursive: true });
  const groupFrames = String(gopSeconds * numberedFps);
  const unfinished = join(cacheFolder, `unfinished-${process.pid}.mp4`);
  const blocks = Array.from(
    { length: bits },
    (_, bit) =>
      `drawbox=x=${bit * 160}:y=0:w=160:h=120:color=white:t=fill:enable='gte(mod(n\\,${2 ** (bit + 1)})\\,${2 ** bit})'`,
  );
  const filter = ['noise=alls=4:allf=t', 'drawbox=x=0:y=0:w=1920:h=120:color=black:t=fill', ...blocks].join(',');
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-y', '-f', 'lavfi', '-i', `testsrc2=size=1920x1080:rate=${numberedFps}`, '-vf', filter],
    ...[
      '-frames:v',
      String(numberedFrames),
      '-c:v',
      'libx264',
      '-preset',
      'veryfast',
      '-profile:v',
      'high',
      '-bf',
      '0',
    ],
    ...[
      '-g',
      groupFrames,
      '-keyint_min',
      groupFrames,
      '-sc_threshold',
      '0',
      '-b:v',
      '2M',
      '-maxrate',
      '2M',
      '-bufsize',
      '1M',
      '-pix_fmt',
      'yuv420p',
      unfinished,
    ],
  ]);
  renameSync(unfinished, file);
  return file;
}

/**
 * Runs in the page: reads the number of a video's current picture from a canvas.
 * Stated as source text, because the page has no modules of ours.
 */
export const readNumberSource = `(video, canvas) => {
  canvas.width = 192; canvas.height = 12;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(video, 0, 0, video.videoWidth, video.videoHeight * 120 / 1080, 0, 0, 192, 12);
  const pixels = context.getImageData(0, 0, 192, 12).data;
  let number = 0;
  for (let bit = 0; bit < 12; bit++) {
    const at = (6 * 192 + bit * 16 + 8) * 4;
    if (pixels[at] > 127) number += 2 ** bit;
  }
  return number;
}`;
