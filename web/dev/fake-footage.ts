import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const gopMs = 2000;
const fps = 25;
const clipSeconds = 40;

export type Footage = {
  readonly init: Buffer;
  readonly gops: readonly Buffer[];
  readonly keys: readonly Buffer[];
  readonly frames: (index: number) => Buffer;
  readonly frameMs: number;
  readonly codecs: string;
  readonly jpeg: Buffer;
};

/** `ftyp moov` and each `moof mdat` of a fragmented MP4. */
function divide(file: Buffer): { init: Buffer; fragments: Buffer[] } {
  const fragments: Buffer[] = [];
  let initEnd = 0;
  let moofAt = 0;
  for (let at = 0; at + 8 <= file.length; at += file.readUInt32BE(at)) {
    const type = file.toString('latin1', at + 4, at + 8);
    if (type === 'moov') initEnd = at + file.readUInt32BE(at);
    if (type === 'moof') moofAt = at;
    if (type === 'mdat') fragments.push(file.subarray(moofAt, at + file.readUInt32BE(at)));
  }
  return { init: file.subarray(0, initEnd), fragments };
}

function atTicks(fragment: Buffer, ticks: bigint): Buffer {
  const copy = Buffer.from(fragment);
  const tfdt = copy.indexOf('tfdt', 0, 'latin1');
  if (copy[tfdt + 4] === 1) copy.writeBigUInt64BE(ticks, tfdt + 8);
  else copy.writeUInt32BE(Number(ticks & 0xffffffffn), tfdt + 8);
  return copy;
}

/** Draws a test street with ffmpeg and cuts it into GOPs, single key frames and single frames. */
export function openFootage(): Footage {
  const folder = mkdtempSync(join(tmpdir(), 'fake-house-'));
  const ffmpeg = (...args: string[]) => execFileSync('ffmpeg', ['-v', 'error', '-y', ...args], { cwd: folder });
  const given = process.env['FAKE_CLIP'];
  const source =
    given === undefined
      ? ['-f', 'lavfi', '-i', `testsrc2=size=1280x720:rate=${fps}`]
      : ['-stream_loop', '-1', '-i', given];
  const code = [
    '-t',
    String(clipSeconds),
    '-an',
    '-vf',
    `scale=1280:720:force_original_aspect_ratio=increase,crop=1280:720,fps=${fps}`,
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-bf',
    '0',
    '-g',
    String((fps * gopMs) / 1000),
    '-keyint_min',
    '50',
    '-sc_threshold',
    '0',
    '-pix_fmt',
    'yuv420p',
    '-video_track_timescale',
    '90000',
  ];
  ffmpeg(...source, ...code, '-movflags', 'frag_keyframe+empty_moov+default_base_moof', 'gops.mp4');
  ffmpeg('-i', 'gops.mp4', '-c', 'copy', '-movflags', 'frag_every_frame+empty_moov+default_base_moof', 'frames.mp4');
  ffmpeg('-i', 'gops.mp4', '-frames:v', '1', 'still.jpg');
  const { init, fragments: gops } = divide(readFileSync(join(folder, 'gops.mp4')));
  const each = divide(readFileSync(join(folder, 'frames.mp4'))).fragments;
  const avcc = init.indexOf('avcC', 0, 'latin1');
  const frameTicks = BigInt(90_000 / fps);
  return {
    init,
    gops,
    keys: each.filter((_frame, index) => index % 50 === 0),
    frames: (index) => atTicks(each[index % each.length] ?? Buffer.alloc(0), BigInt(index) * frameTicks),
    frameMs: 1000 / fps,
    codecs: `avc1.${init.toString('hex', avcc + 5, avcc + 8)}`,
    jpeg: readFileSync(join(folder, 'still.jpg')),
  };
}

/** The GOP of a wall time, on one time line that starts at the beginning of the epoch's current day. */
export function fragmentAt(footage: Footage, gop: number): Buffer {
  const fragment = footage.gops[gop % footage.gops.length] ?? Buffer.alloc(0);
  return atTicks(fragment, BigInt(gop % 1_000_000) * BigInt(gopMs * 90));
}
