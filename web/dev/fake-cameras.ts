import type { Camera, StreamStatus } from '@porchlight/contract/camera';
import type { Span } from '@porchlight/contract/recordings';

const hourMs = 3_600_000;

function stream(name: 'main' | 'sub', more: Partial<StreamStatus> = {}): StreamStatus {
  const main = name === 'main';
  return {
    name,
    codec: 'h264',
    codecString: main ? 'avc1.64001f' : 'avc1.42001e',
    widthPx: main ? 1920 : 640,
    heightPx: main ? 1080 : 360,
    fps: main ? 25 : 12.5,
    bitrateBps: main ? 2_140_000 : 310_000,
    gopMs: 2000,
    bFrames: false,
    transport: 'tcp',
    packetsReceived: 1_200_345,
    packetsLost: 12,
    framesReceived: 90_210,
    lastFrameMs: Date.now(),
    recording: true,
    ...more,
  };
}

function camera(id: string, name: string, more: Partial<Camera> = {}): Camera {
  return {
    id: id as Camera['id'],
    agentId: 'box' as Camera['agentId'],
    name,
    sourceKind: 'rtsp',
    url: 'rtsp://192.168.1.20:554/stream1',
    transport: 'auto',
    hasCredentials: true,
    paused: false,
    createdMs: Date.now() - 400 * hourMs,
    state: { status: 'online', sinceMs: Date.now() - 5 * hourMs },
    streams: [stream('main', { audioCodec: 'aac' }), stream('sub')],
    usedBytes: 82_300_000_000,
    oldestMs: Date.now() - 9 * 24 * hourMs,
    ...more,
  };
}

const subUrl = 'rtsp://192.168.1.20:554/stream2';
export const cameras: Camera[] = [
  camera('front-door', 'Front door', { subUrl }),
  camera('driveway', 'Driveway', {
    subUrl,
    streams: [stream('main', { codec: 'h265', codecString: 'hvc1.1.6.L120.B0' }), stream('sub')],
  }),
  camera('garden', 'Garden and the old apple tree', {
    state: { status: 'offline', reason: 'unreachable', sinceMs: Date.now() - 1_400_000 },
    streams: [stream('main', { lastFrameMs: Date.now() - 1_400_000, recording: false })],
  }),
  camera('workshop', 'Workshop', { paused: true, state: { status: 'paused', sinceMs: Date.now() - hourMs } }),
  camera('street', 'Demo street', { sourceKind: 'demo', url: 'demo', streams: [stream('main', { bFrames: true })] }),
];

export const findCamera = (id: string): Camera | undefined => {
  const found = cameras.find((other) => other.id === id);
  if (!found || found.state.status === 'offline') return found;
  return { ...found, streams: found.streams.map((each) => ({ ...each, lastFrameMs: Date.now() })) };
};

/** What is recorded on the local day that holds a time: two holes, and growing until now. */
export function daySpans(atMs: number): Span[] {
  const at = new Date(atMs);
  const startMs = new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
  const endMs = startMs + 24 * hourMs;
  const nowMs = Date.now();
  const cuts: [number, number][] = [
    [startMs, startMs + 4.2 * hourMs],
    [startMs + 4.6 * hourMs, startMs + 11 * hourMs],
    [startMs + 11.25 * hourMs, endMs],
  ];
  return cuts
    .filter(([fromMs]) => fromMs < nowMs)
    .map(([fromMs, toMs]) => ({ stream: 'main', fromMs, toMs: Math.min(toMs, nowMs), open: toMs > nowMs }));
}
