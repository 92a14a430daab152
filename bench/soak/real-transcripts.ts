/** What real cameras answered, where this machine has the recordings; what once broke other parsers, as seeds for the fuzz. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { goodTranscripts, payloadTranscript, type Transcript } from '../../agent/src/fuzzing/index.ts';
import { footagePath } from '../../base/src/testing/index.ts';

const asBytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));

/** Good transcripts with an answer replaced by a recorded one; none where there is no footage. */
export function realTranscripts(): Transcript[] {
  const good = goodTranscripts();
  const withAnswer = (index: number, bytes: Uint8Array): Transcript[] =>
    good.slice(0, 2).map((transcript) => ({ ...transcript, answers: transcript.answers.with(index, bytes) }));
  const answers = read(footagePath('rtsp'), '.txt').flatMap(({ name, bytes }) => {
    const text = Buffer.from(bytes)
      .toString('latin1')
      .replace(/^CSeq:\s*\d+/im, 'CSeq: {c}');
    if (!text.startsWith('RTSP/')) return withAnswer(1, asBytes(toDescribed(text)));
    return withAnswer(name.includes('setup') ? 2 : name.includes('options') ? 0 : 1, asBytes(text));
  });
  const folder = footagePath('fuzz', 'gortsplib');
  const broken = (existsSync(folder) ? readdirSync(folder) : []).flatMap((kind) =>
    read(join(folder, kind), '.bin').flatMap(({ bytes }) => {
      const text = Buffer.from(bytes).toString('latin1');
      if (/Session|sdp/.test(kind)) return withAnswer(1, asBytes(toDescribed(text)));
      if (/Transport/.test(kind))
        return withAnswer(2, asBytes(`RTSP/1.0 200 OK\r\nCSeq: {c}\r\nTransport: ${text}\r\n\r\n`));
      return withAnswer(3, asBytes(`RTSP/1.0 200 OK\r\nCSeq: {c}\r\n\r\n${text}`));
    }),
  );
  return [...answers, ...broken];
}

/** Payloads that once broke other depacketizers, a few at a time, behind right headers. */
export function payloadTranscripts(): Transcript[] {
  const folders = {
    h264: [footagePath('fuzz', 'gortsplib', 'format-rtph264-FuzzDecoder')],
    h265: [
      footagePath('fuzz', 'gortsplib', 'format-rtph265-FuzzDecoder'),
      ...['ap', 'fu', 'single'].map((name) => footagePath('fuzz', 'h265nal', `h265_rtp_${name}_parser`)),
      footagePath('fuzz', 'h265nal', 'h265_nal_unit_parser'),
    ],
    aac: [footagePath('fuzz', 'gortsplib', 'format-rtpmpeg4audio-FuzzDecoder')],
  } as const;
  return (['h264', 'h265', 'aac'] as const).flatMap((kind) => {
    const payloads = folders[kind]
      .flatMap((folder) => read(folder, '.bin'))
      .map(({ bytes }) => bytes.subarray(0, 60_000));
    const groups = Array.from({ length: Math.ceil(payloads.length / 8) }, (_, at) =>
      payloads.slice(at * 8, at * 8 + 8),
    );
    return groups.map((group) => payloadTranscript(kind, group));
  });
}

const toDescribed = (sdp: string): string =>
  `RTSP/1.0 200 OK\r\nCSeq: {c}\r\nContent-Type: application/sdp\r\nContent-Length: ${sdp.length}\r\n\r\n${sdp}`;

function read(folder: string, ending: string): { name: string; bytes: Uint8Array }[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));
}
