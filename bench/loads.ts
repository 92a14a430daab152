/** Footage that benchmarks play beside the reference load; made once by ffmpeg, kept in `.cache`. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './measure.ts';

function make(name: string, source: string, coding: string): string {
  const file = join(cacheFolder, name);
  if (existsSync(file)) return file;
  mkdirSync(cacheFolder, { recursive: true });
  const unfinished = join(cacheFolder, `unfinished-${name}`);
  const input = ['-v', 'error', '-y', '-f', 'lavfi', '-i', source, '-t', '10', '-pix_fmt', 'yuv420p'];
  execFileSync('ffmpeg', [...input, ...coding.split(' '), unfinished], { stdio: ['ignore', 'ignore', 'inherit'] });
  renameSync(unfinished, file);
  return file;
}

/** 3840×2160, 25 fps, H.265 8 Mbit/s, GOP 2 s, no B-frames, 10 s. */
export function fourKLoad(): string {
  const rate = 'bitrate=8000:vbv-maxrate=8000:vbv-bufsize=4000';
  const group = 'keyint=50:min-keyint=50:scenecut=0:bframes=0';
  return make(
    'house-4k-h265-8mbit.mp4',
    'testsrc2=size=3840x2160:rate=25,noise=alls=8:allf=t',
    `-c:v libx265 -preset ultrafast -tag:v hvc1 -x265-params ${rate}:${group}:log-level=error`,
  );
}

/** 640×360, 25 fps, H.264 0.5 Mbit/s, GOP 2 s, no B-frames, 10 s. */
export function subLoad(): string {
  const group = '-bf 0 -g 50 -keyint_min 50 -sc_threshold 0';
  return make(
    'house-sub-h264.mp4',
    'testsrc2=size=640x360:rate=25,noise=alls=6:allf=t',
    `-c:v libx264 -preset veryfast ${group} -b:v 500k -maxrate 500k -bufsize 250k`,
  );
}
