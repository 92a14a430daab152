import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { footagePath, needs } from '@porchlight/base/testing';
import { parseUtf8 } from '#bytes';
import { MediaError } from '#frame';
import { parseRtcp, writeRtpPacket, openRtpReceiver } from '#rtp';
import { parseAuthorization, parseChallenges, parseRtpInfo, parseSession, parseTransport, RtspParser } from '#rtsp';
import { parseSdp } from '#sdp';
import { openPayload } from './index.ts';

const silent = { onTrack: () => undefined, onFrame: () => undefined, onDamage: () => undefined };

const parseRtsp = (bytes: Uint8Array): unknown => {
  const seen: unknown[] = [];
  const note = (value: unknown): void => void seen.push(value);
  new RtspParser({ onResponse: note, onRequest: note, onInterleaved: note }).push(bytes);
  return seen;
};

/** The same bytes as one payload after another of a stream, with and without marker and loss. */
const depacketize = (rtpmap: string, fmtp: string) => (bytes: Uint8Array) => {
  const kind = /^(H26|JPEG)/.test(rtpmap) ? 'video' : 'audio';
  const { media } = parseSdp(`v=0\nm=${kind} 0 RTP/AVP 96\na=rtpmap:96 ${rtpmap}\na=fmtp:96 ${fmtp}\n`);
  const payload = openPayload({ media: media[0]!, track: 0, sink: silent });
  if ('unsupported' in payload) return payload.unsupported;
  const { depacketizer } = payload;
  const copies = [true, false, false, true].map((marker, index) => {
    const copy = bytes.slice();
    if (index === 2) depacketizer.lost(1);
    depacketizer.push(copy, 1000 * index, marker);
    return copy;
  });
  depacketizer.flush();
  for (const copy of copies) assert.deepEqual(copy, bytes);
  return true;
};

/** A description from fuzzed rtpmap and fmtp: every section is opened. */
const openAll = (bytes: Uint8Array): unknown => {
  const { media } = parseSdp(parseUtf8(bytes));
  return media.map((one, track) => openPayload({ media: one, track, sink: silent }));
};

const onText = (parse: (text: string) => unknown) => (bytes: Uint8Array) => parse(parseUtf8(bytes));
const onList = (parse: (values: string[]) => unknown) => (bytes: Uint8Array) => parse([parseUtf8(bytes)]);
const genericFmtp = 'mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=1190';

/** Which parser takes which corpus. Formats and headers that the house does not have are given to what is nearest. */
const parsers: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  'auth-FuzzVerify': onList(parseChallenges),
  'base-FuzzBodyUnmarshal': parseRtsp,
  'base-FuzzHeaderUnmarshal': parseRtsp,
  'base-FuzzInterleavedFrameUnmarshal': parseRtsp,
  'base-FuzzRequestUnmarshal': parseRtsp,
  'description-FuzzSessionUnmarshal': openAll,
  'format-FuzzH264PTSEqualsDTS': depacketize('H264/90000', 'packetization-mode=1'),
  'format-FuzzH265PTSEqualsDTS': depacketize('H265/90000', ''),
  'format-FuzzUnmarshal': openAll,
  'format-rtph264-FuzzDecoder': depacketize('H264/90000', 'packetization-mode=1'),
  'format-rtph265-FuzzDecoder': depacketize('H265/90000', ''),
  'format-rtpmjpeg-FuzzDecoder': depacketize('JPEG/90000', ''),
  'format-rtpmpeg4audio-FuzzDecoder': depacketize('MPEG4-GENERIC/48000/2', genericFmtp),
  'headers-FuzzAuthenticateUnmarshal': onList(parseChallenges),
  'headers-FuzzAuthorizationUnmarshal': onText((text) => [parseAuthorization(text)]),
  'headers-FuzzKeyMgmtUnmarshal': onList(parseChallenges),
  'headers-FuzzKeyValParse': onList(parseChallenges),
  'headers-FuzzRTPInfoUnmarshal': onText(parseRtpInfo),
  'headers-FuzzRangeUnmarshal': onText(parseSession),
  'headers-FuzzSessionUnmarshal': onText(parseSession),
  'headers-FuzzTransportsUnmarshal': onText(parseTransport),
  'sdpunmarshaler-FuzzUnmarshal': openAll,
};

function check(parse: (bytes: Uint8Array) => unknown, bytes: Uint8Array): void {
  const copy = bytes.slice();
  try {
    assert.notEqual(parse(copy), undefined);
  } catch (error) {
    assert.ok(error instanceof MediaError, String(error));
  }
  assert.deepEqual(copy, bytes, 'the input was changed');
}

describe('the fuzz corpora of gortsplib', needs('footage'), () => {
  const folders = needs('footage').skip === false ? readdirSync(footagePath('fuzz', 'gortsplib')) : [];
  for (const folder of folders) {
    test(`${folder} gives values or MediaError and leaves its input alone`, () => {
      const parse = parsers[folder];
      assert.ok(parse, 'expected a parser for this corpus');
      const files = readdirSync(footagePath('fuzz', 'gortsplib', folder));
      assert.ok(files.length > 0);
      for (const file of files) {
        const bytes = new Uint8Array(readFileSync(footagePath('fuzz', 'gortsplib', folder, file)));
        const start = process.threadCpuUsage();
        check(parse, bytes);
        for (const other of Object.values(parsers)) check(other, bytes);
        check(parseRtcp, bytes);
        const receiver = openRtpReceiver({ ...{ clockRateHz: 90_000, reorder: 'none' }, onPayload() {}, onLost() {} });
        receiver.push(bytes, 0);
        receiver.push(writeRtpPacket({ payloadType: 96, marker: true, sequence: 1, timestamp: 1, ssrc: 1 }, bytes), 0);
        assert.ok(process.threadCpuUsage(start).user < 5e6, `${file} hangs`);
      }
    });
  }
});
