import type { Offer, OfferSection } from './sdp-offer.ts';

/** The house's ICE and DTLS end. */
export type LocalTransport = {
  readonly usernameFragment: string;
  readonly password: string;
  readonly fingerprints: readonly { readonly algorithm: string; readonly value: string }[];
  /** Values of `a=candidate:` lines. */
  readonly candidates: readonly string[];
};

/** What a section will carry; `payloadType` is one of the offer's. */
export type AnsweredTrack = { readonly payloadType: number; readonly ssrc: number };

/**
 * The answer: one payload type for video, at most one for sound, everything else refused.
 * We are the DTLS server (`setup:passive`: then it is we who choose the SRTP profile) and offer only NACK, PLI and FIR as
 * feedback: no transport-wide congestion control, no REMB, no header extensions. Unwanted sound stays in the bundle as `inactive`.
 * @see RFC 8829 5.3
 */
export function writeAnswer(answer: {
  readonly offer: Offer;
  readonly local: LocalTransport;
  readonly video: AnsweredTrack;
  readonly audio: AnsweredTrack | undefined;
  readonly sessionId: string;
  readonly cname: string;
}): string {
  const { offer } = answer;
  const isBundled = (index: number): boolean => index === offer.video || index === offer.audio;
  const mids = offer.sections.filter((_, index) => isBundled(index)).map(({ mid }) => mid);
  const lines = ['v=0', `o=- ${answer.sessionId} 1 IN IP4 0.0.0.0`, 's=-', 't=0 0'];
  if (offer.bundled) lines.push(`a=group:BUNDLE ${mids.join(' ')}`);
  let first = true;
  for (const [index, section] of offer.sections.entries()) {
    if (!isBundled(index)) {
      lines.push(...refused(section));
      continue;
    }
    const track = index === offer.video ? answer.video : answer.audio;
    lines.push(...served(section, track, answer));
    if (first) {
      for (const candidate of answer.local.candidates) lines.push(`a=candidate:${candidate}`);
      lines.push('a=end-of-candidates');
      first = false;
    }
  }
  return `${lines.join('\r\n')}\r\n`;
}

function served(
  section: OfferSection,
  track: AnsweredTrack | undefined,
  { local, cname }: { readonly local: LocalTransport; readonly cname: string },
): string[] {
  const payload =
    section.payloads.find(({ payloadType }) => payloadType === track?.payloadType) ?? section.payloads[0]!;
  const type = payload.payloadType;
  const channels = payload.channels > 1 ? `/${payload.channels}` : '';
  const format = section.formats.get(type);
  const lines = [
    `m=${section.kind} 9 ${section.protocol} ${type}`,
    'c=IN IP4 0.0.0.0',
    'a=rtcp:9 IN IP4 0.0.0.0',
    `a=ice-ufrag:${local.usernameFragment}`,
    `a=ice-pwd:${local.password}`,
    ...local.fingerprints.map(({ algorithm, value }) => `a=fingerprint:${algorithm} ${value}`),
    'a=setup:passive',
    `a=mid:${section.mid}`,
    track ? 'a=sendonly' : 'a=inactive',
    'a=rtcp-mux',
    `a=rtpmap:${type} ${payload.encoding.replace(/[^A-Za-z0-9-]/g, '')}/${payload.clockRateHz}${channels}`,
  ];
  if (format !== undefined) lines.push(`a=fmtp:${type} ${format}`);
  if (section.kind === 'video')
    for (const kind of ['nack', 'nack pli', 'ccm fir']) lines.push(`a=rtcp-fb:${type} ${kind}`);
  if (track) lines.push(`a=msid:porchlight ${section.kind}`, `a=ssrc:${track.ssrc} cname:${cname}`);
  return lines;
}

/** @see RFC 3264 6 */
function refused(section: OfferSection): string[] {
  return [
    `m=${section.kind} 0 ${section.protocol} ${section.firstFormat}`,
    'c=IN IP4 0.0.0.0',
    `a=mid:${section.mid}`,
    'a=inactive',
  ];
}
