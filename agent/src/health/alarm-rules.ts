import type { HysteresisRule } from '@porchlight/base/hysteresis';
import type { AgentAlarmKind, AlarmSeverity } from '@porchlight/contract/alarms';

/** How an alarm of one kind behaves, and its words where whoever reports has none. */
export type AlarmRule = HysteresisRule & {
  /** Kinds with the same slot are one trouble by several names: only one of them stands for a camera or part. */
  readonly slot: string;
  readonly severity: AlarmSeverity;
  readonly message: string;
  readonly fix: string;
};

const seconds = 1000;
const minutes = 60_000;

/** Every kind once. A camera that reconnects at once raises nothing; a disk that cannot be written to is said at once. */
export const alarmRules: Readonly<Record<AgentAlarmKind, AlarmRule>> = {
  'camera-down': {
    slot: 'picture',
    severity: 'critical',
    raiseAfterMs: 20 * seconds,
    clearAfterMs: 15 * seconds,
    message: 'The camera sends nothing.',
    fix: 'Check its power, its network cable or Wi-Fi, and its address. Porchlight keeps trying.',
  },
  'camera-stalled': {
    slot: 'picture',
    severity: 'critical',
    raiseAfterMs: 20 * seconds,
    clearAfterMs: 30 * seconds,
    message: 'The camera connects and then stops sending video.',
    fix: 'Restart the camera; if it comes again, lower its bitrate or use a cable in place of Wi-Fi.',
  },
  'no-key-frames': {
    slot: 'key-frames',
    severity: 'warning',
    raiseAfterMs: 5 * seconds,
    clearAfterMs: 20 * seconds,
    message: 'The camera sends no key frames, so nothing new can be recorded or watched.',
    fix: 'Set a key frame (I-frame) interval of 1 to 4 seconds in the camera.',
  },
  damaged: {
    slot: 'damage',
    severity: 'warning',
    raiseAfterMs: 30 * seconds,
    clearAfterMs: 2 * minutes,
    message: 'Pictures arrive damaged.',
    fix: 'Use a cable in place of Wi-Fi, lower the camera’s bitrate, or set its transport to TCP.',
  },
  'clock-off': {
    slot: 'clock',
    severity: 'warning',
    raiseAfterMs: 1 * minutes,
    clearAfterMs: 1 * minutes,
    message: 'The camera’s clock is wrong.',
    fix: 'Give the camera a time server (NTP). Recordings carry this machine’s time; the time written into the picture is the camera’s.',
  },
  'disk-full': {
    slot: 'volume',
    severity: 'critical',
    raiseAfterMs: 5 * seconds,
    clearAfterMs: 30 * seconds,
    fadesAfterMs: 15 * seconds,
    message: 'The disk is full: footage is being lost.',
    fix: 'Free space on it, or let Porchlight use less of it so that it deletes its oldest footage in time.',
  },
  'disk-read-only': {
    slot: 'volume',
    severity: 'critical',
    raiseAfterMs: 2 * seconds,
    clearAfterMs: 15 * seconds,
    fadesAfterMs: 15 * seconds,
    message: 'The disk can only be read: footage is being lost.',
    fix: 'A disk often turns read-only when it begins to fail: look at the system’s log, check or replace it.',
  },
  'disk-gone': {
    slot: 'volume',
    severity: 'critical',
    raiseAfterMs: 2 * seconds,
    clearAfterMs: 15 * seconds,
    fadesAfterMs: 15 * seconds,
    message: 'The folder for footage is gone: footage is being lost.',
    fix: 'Connect the disk again. Recording goes on by itself when it is back.',
  },
  'disk-failing': {
    slot: 'volume',
    severity: 'critical',
    raiseAfterMs: 2 * seconds,
    clearAfterMs: 1 * minutes,
    fadesAfterMs: 30 * seconds,
    message: 'The disk reports errors: footage is being lost.',
    fix: 'Look at the disk’s health (SMART) and replace it if it is failing.',
  },
  'disk-slow': {
    slot: 'speed',
    severity: 'warning',
    raiseAfterMs: 10 * seconds,
    clearAfterMs: 2 * minutes,
    fadesAfterMs: 30 * seconds,
    message: 'The disk is too slow: pictures may be dropped.',
    fix: 'Look what else writes to it; for many cameras use a disk of its own, no SD card and no busy network share.',
  },
  'footage-missing': {
    slot: 'missing',
    severity: 'critical',
    raiseAfterMs: 0,
    clearAfterMs: 0,
    message: 'Much footage is missing from the disk: nothing is deleted until it is back.',
    fix: 'Is the right disk connected? If the footage is gone for good, confirm with porchlight fsck.',
  },
  index: {
    slot: 'index',
    severity: 'critical',
    raiseAfterMs: 5 * seconds,
    clearAfterMs: 1 * minutes,
    fadesAfterMs: 1 * minutes,
    message: 'The index of recordings cannot be written. Files are kept and are found again at the next start.',
    fix: 'Check that the disk with the data folder has space and can be written to.',
  },
  'watcher-down': {
    slot: 'watcher',
    severity: 'warning',
    // A crash alone is none: the watcher waits up to 30 s before it is started again.
    raiseAfterMs: 1 * minutes,
    clearAfterMs: 30 * seconds,
    fadesAfterMs: 45 * seconds,
    message: 'Still pictures cannot be made. Recording and live view go on.',
    fix: 'It is started again by itself; if it stays, see the log of the agent.',
  },
  certificate: {
    slot: 'certificate',
    severity: 'warning',
    raiseAfterMs: 0,
    clearAfterMs: 0,
    message: 'The agent’s certificate ends soon.',
    fix: 'Remove device.json from the agent’s data folder and restart it beside its hub: it comes to a new one.',
  },
};
