import { concatBytes, writeUtf8 } from '@porchlight/media/bytes';
import type { Transcript } from './transcript.ts';

/** Random numbers from 0 to below 1. */
type Random = () => number;

/** What has broken parsers before. */
const tokens: readonly Uint8Array[] = [
  ...[
    '\r\n',
    '\r\n\r\n',
    '$',
    '$\0\uffff',
    ';',
    '=',
    ':',
    ',',
    '/',
    '"',
    '*',
    '-1',
    '0',
    '65536',
    '4294967295',
    '99999999999999999999',
  ],
  ...[
    'Content-Length: 99999999\r\n',
    'Content-Length: -5\r\n',
    'CSeq: 1\r\n',
    'Session: ;timeout=0\r\n',
    'Transport: \r\n',
  ],
  ...[
    'RTSP/1.0 401 No\r\nWWW-Authenticate: Digest\r\n',
    'RTSP/1.0 302 x\r\nLocation: rtsp://x\r\n',
    'OPTIONS * RTSP/1.0\r\n\r\n',
  ],
  ...[
    'a=rtpmap:96 H264/0\r\n',
    'm=video 0 RTP/AVP 96\r\n',
    'a=fmtp:96 sprop-parameter-sets=,\r\n',
    'a=control:rtsp://\r\n',
  ],
].map((text) => writeUtf8(text));
const longestBytes = 300_000;

/** In front of the payload in a datagram: where it goes, and the RTP header. */
const headerBytes = 13;
const longestDatagramBytes = 65_000;

/** Changes one to a few places of a transcript, the media most often. Returns a new one. */
export function mutate(transcript: Transcript, random: Random): Transcript {
  const pick = (below: number): number => Math.floor(random() * below);
  return transcript.over === 'udp' && random() < 0.8
    ? { ...transcript, datagrams: mutateDatagrams(transcript.datagrams, random, pick) }
    : { ...transcript, answers: mutateAnswers(transcript.answers, random, pick) };
}

type Pick = (below: number) => number;

/** In an answer chosen at random, the last most often. */
function mutateAnswers(answers: readonly Uint8Array[], random: Random, pick: Pick): Uint8Array[] {
  const changed = [...answers];
  const rounds = 1 + pick(random() < 0.2 ? 30 : 4);
  const fixed = random() < 0.5 ? changed.length - 1 : pick(changed.length);
  for (let round = 0; round < rounds; round++) {
    const index = random() < 0.8 ? fixed : pick(changed.length);
    changed[index] = mutateBytes(changed[index]!, changed[pick(changed.length)]!, pick).subarray(0, longestBytes);
  }
  return changed;
}

/** In datagrams chosen at random: all of it, or the payload alone; some get lost, come twice, early, or elsewhere. */
function mutateDatagrams(datagrams: readonly Uint8Array[], random: Random, pick: Pick): Uint8Array[] {
  const changed = [...datagrams];
  const rounds = 1 + pick(random() < 0.3 ? 60 : 8);
  const keptBytes = random() < 0.6 ? headerBytes : 0;
  for (let round = 0; round < rounds && changed.length > 0; round++) {
    const index = pick(changed.length);
    const bytes = changed[index]!;
    const other = changed[pick(changed.length)]!;
    const action = pick(8);
    if (action === 0) changed.splice(index, 1 + pick(3));
    else if (action === 1)
      changed.splice(pick(changed.length + 1), 0, ...Array.from({ length: 1 + pick(4) }, () => other));
    else if (action === 2 && bytes.length > 0) changed[index] = bytes.with(0, pick(5));
    else {
      const head = bytes.subarray(0, keptBytes);
      const rest = mutateBytes(bytes.subarray(keptBytes), other.subarray(keptBytes), pick);
      changed[index] = concatBytes([head, rest]).subarray(0, longestDatagramBytes);
    }
  }
  return changed;
}

/** One change; `other` lends bytes to splice in. */
function mutateBytes(bytes: Uint8Array, other: Uint8Array, pick: Pick): Uint8Array {
  const at = pick(bytes.length + 1);
  const span = 1 + pick(Math.max(1, Math.min(bytes.length, pick(2) === 0 ? 8 : 2000)));
  const insert = (added: Uint8Array): Uint8Array => concatBytes([bytes.subarray(0, at), added, bytes.subarray(at)]);
  switch (pick(9)) {
    case 0: // A bit turns over.
      return at < bytes.length ? bytes.with(at, bytes[at]! ^ (1 << pick(8))) : bytes;
    case 1: // A byte at one of the ends of its range.
      return at < bytes.length ? bytes.with(at, [0, 0xff, 0x7f, 0x80, 0x24][pick(5)]!) : bytes;
    case 2: // A piece is missing.
      return concatBytes([bytes.subarray(0, at), bytes.subarray(at + span)]);
    case 3: // A piece comes twice, or many times.
      return insert(concatBytes(Array.from({ length: 1 + pick(3) ** 3 }, () => bytes.subarray(at, at + span))));
    case 4: // It ends early.
      return bytes.subarray(0, at);
    case 5: // Rubbish.
      return insert(Uint8Array.from({ length: span }, () => pick(256)));
    case 6: // Zeros, as a camera that ran out of buffers sends them.
      return insert(new Uint8Array(span));
    case 7: // Something of another answer.
      return insert(other.subarray(pick(other.length + 1)).subarray(0, span));
    default:
      return insert(tokens[pick(tokens.length)]!);
  }
}
