import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Something a machine may lack. Only suites that declare a need may skip. */
export type Need = 'footage' | 'ffmpeg' | 'chromium' | 'mosquitto' | 'coturn' | 'tmpfs' | 'gstreamer';

const root = resolve(import.meta.dirname, '../../..');
const footageRoot = resolve(root, process.env['PORCHLIGHT_FOOTAGE'] ?? '../shared/footage');
const commandOf = { ffmpeg: 'ffmpeg', chromium: 'chromium', mosquitto: 'mosquitto', coturn: 'turnserver' } as const;

/** Mounting a small file system takes the right to. */
const tryToMount = 'd=$(mktemp -d) && mount -t tmpfs -o size=64k tmpfs "$d" && umount "$d" && rmdir "$d"';

function has(need: Need): boolean {
  if (need === 'footage') return existsSync(join(footageRoot, 'ground-truth.json'));
  if (need === 'gstreamer') return hasGStreamer();
  try {
    if (need === 'tmpfs') execFileSync('sh', ['-c', tryToMount], { stdio: 'ignore' });
    else execFileSync('sh', ['-c', `command -v ${commandOf[need]}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Debian's own Python sees Debian's bindings: python3-gi, gir1.2-gst-rtsp-server-1.0, gstreamer1.0-plugins-good. */
function hasGStreamer(): boolean {
  try {
    const ask = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer";
    execFileSync('/usr/bin/python3', ['-c', ask], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * Options for a `describe` that needs something of the machine: `describe('…', needs('ffmpeg'), () => …)`.
 * With `PORCHLIGHT_NEEDS=required` (as `.ci/run` sets it) a missing need fails instead of skipping.
 */
export function needs(...wanted: Need[]): { skip: string | false } {
  const missing = wanted.filter((need) => !has(need));
  if (missing.length === 0) return { skip: false };
  const reason = `this machine lacks: ${missing.join(', ')}`;
  if (process.env['PORCHLIGHT_NEEDS'] === 'required') throw new Error(`${reason}; run npm run setup:ci`);
  return { skip: reason };
}

/** Absolute path of a file in the footage set (`PORCHLIGHT_FOOTAGE`). */
export function footagePath(...segments: string[]): string {
  return join(footageRoot, ...segments);
}
