import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findBetter, onFailure, onPicture, openLadder, planRungs, toReasons, toRung, type Ability } from './ladder.ts';

const chromium: Ability = { webrtc: true, webrtcH265: false, plays: (codec) => codec.startsWith('avc1'), hls: true };
const h264 = { name: 'main', codec: 'h264', codecString: 'avc1.64001f', bFrames: false } as const;
const h265 = { name: 'main', codec: 'h265', codecString: 'hvc1.1.6.L93.B0', bFrames: false } as const;
const sub = { name: 'sub', codec: 'h264', codecString: 'avc1.42001e', bFrames: false } as const;
const page = { hasSub: false, tile: false, sound: false, ability: chromium };
const show = (rungs: readonly { path: string; stream: string }[]) =>
  rungs.map(({ path, stream }) => `${path}/${stream}`);

test('a page takes WebRTC, then MSE, then HLS, then stills', () => {
  const { rungs, skipped } = planRungs({ ...page, streams: [h264] });
  assert.deepEqual(show(rungs), ['webrtc/main', 'mse/main', 'hls/main', 'stills/main']);
  assert.deepEqual(skipped, []);
});

test('a path named in the address is the only one beside stills', () => {
  const { rungs } = planRungs({ ...page, streams: [h264, sub], hasSub: true, only: 'mse' });
  assert.deepEqual(show(rungs), ['mse/main', 'mse/sub', 'stills/main']);
});

test('a tile takes MSE of the small stream first', () => {
  const { rungs } = planRungs({ ...page, streams: [h264, sub], hasSub: true, tile: true });
  assert.deepEqual(show(rungs).slice(0, 4), ['mse/sub', 'webrtc/sub', 'hls/sub', 'mse/main']);
});

test('H.265 that this browser cannot show leads to the H.264 small stream, and without one to stills', () => {
  const withSub = planRungs({ ...page, streams: [h265, sub], hasSub: true });
  assert.deepEqual(show(withSub.rungs), ['webrtc/sub', 'mse/sub', 'hls/sub', 'stills/main']);
  assert.deepEqual(
    withSub.skipped.map(({ reason }) => reason),
    ['h265-not-offered', 'codec-unsupported', 'codec-unsupported'],
  );
  assert.deepEqual(show(planRungs({ ...page, streams: [h265] }).rungs), ['stills/main']);
});

test('H.265 goes over WebRTC where the browser offers it', () => {
  const safari = { ...chromium, webrtcH265: true, plays: () => true };
  assert.equal(show(planRungs({ ...page, streams: [h265], ability: safari }).rungs)[0], 'webrtc/main');
});

test('B-frames skip WebRTC with the reason', () => {
  const { rungs, skipped } = planRungs({ ...page, streams: [{ ...h264, bFrames: true }] });
  assert.equal(show(rungs)[0], 'mse/main');
  assert.deepEqual(skipped, [{ rung: { path: 'webrtc', stream: 'main' }, reason: 'b-frames' }]);
});

test('AAC stays on WebRTC while muted and moves to MSE when sound is turned on', () => {
  const streams = [{ ...h264, audioCodec: 'aac' as const }];
  assert.equal(show(planRungs({ ...page, streams }).rungs)[0], 'webrtc/main');
  assert.equal(show(planRungs({ ...page, streams, sound: true }).rungs)[0], 'mse/main');
});

test('a failure steps down one rung and says why', () => {
  let ladder = openLadder(planRungs({ ...page, streams: [h264] }));
  ladder = onFailure(ladder, toRung(ladder), { reason: 'no-frame', nowMs: 0 });
  assert.equal(toRung(ladder).path, 'mse');
  assert.deepEqual(toReasons(ladder), [{ rung: { path: 'webrtc', stream: 'main' }, reason: 'no-frame' }]);
});

test('the last rung is never left, however often it fails', () => {
  let ladder = openLadder(planRungs({ ...page, streams: [h264] }));
  for (let nowMs = 0; nowMs < 10; nowMs++) {
    ladder = onFailure(ladder, toRung(ladder), { reason: 'stalled', nowMs });
  }
  assert.equal(toRung(ladder).path, 'stills');
});

test('a better rung is tried again after a while, ever more rarely, and taken when it shows a picture', () => {
  let ladder = openLadder(planRungs({ ...page, streams: [h264] }));
  const top = toRung(ladder);
  ladder = onFailure(ladder, top, { reason: 'no-frame', nowMs: 0 });
  assert.equal(findBetter(ladder, 14_999), undefined);
  assert.deepEqual(findBetter(ladder, 15_000), top);
  ladder = onFailure(ladder, top, { reason: 'no-frame', nowMs: 15_000 });
  assert.equal(toRung(ladder).path, 'mse', 'a failed try above does not move the viewer');
  assert.equal(findBetter(ladder, 44_999), undefined);
  assert.deepEqual(findBetter(ladder, 45_000), top);
  ladder = onPicture(ladder, top);
  assert.deepEqual([toRung(ladder), toReasons(ladder)], [top, []]);
});

test('what waiting does not mend is asked again only after five minutes', () => {
  let ladder = openLadder(planRungs({ ...page, streams: [h264] }));
  ladder = onFailure(ladder, toRung(ladder), { reason: 'b-frames', nowMs: 0 });
  assert.equal(findBetter(ladder, 299_999), undefined);
  assert.equal(findBetter(ladder, 300_000)?.path, 'webrtc');
});

test('stepping down leaves out rungs that failed a moment ago', () => {
  let ladder = openLadder(planRungs({ ...page, streams: [h264] }));
  ladder = onFailure(ladder, { path: 'mse', stream: 'main' }, { reason: 'connection-lost', nowMs: 0 });
  ladder = onFailure(ladder, { path: 'webrtc', stream: 'main' }, { reason: 'stalled', nowMs: 1 });
  assert.equal(toRung(ladder).path, 'hls');
});
