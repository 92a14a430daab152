import { isIPv4 } from 'node:net';
import { parseSdp, type SdpAttribute, type SdpMedia, type SdpPayload } from '@porchlight/media/sdp';
import { MediaError } from '@porchlight/media/frame';

/** Where the viewer's ICE and DTLS ends are. All texts are checked: they hold nothing but what their grammar allows. */
export type RemoteTransport = {
  readonly usernameFragment: string;
  readonly password: string;
  readonly fingerprints: readonly { readonly algorithm: string; readonly value: string }[];
  /** UDP over IPv4, addresses only: a name would have to be asked for on the network. */
  readonly candidates: readonly RemoteCandidate[];
};

export type RemoteCandidate = {
  readonly foundation: string;
  readonly priority: number;
  readonly address: string;
  readonly port: number;
  readonly type: 'host' | 'srflx' | 'prflx' | 'relay';
};

/** A section of the offer as the answer must repeat it. */
export type OfferSection = {
  readonly kind: string;
  readonly protocol: string;
  readonly mid: string;
  readonly payloads: readonly SdpPayload[];
  /** fmtp as sent, by payload type. */
  readonly formats: ReadonlyMap<number, string>;
  /** The first format as written, for sections that are refused. */
  readonly firstFormat: string;
};

/** A viewer's offer: one video section to be served, at most one audio section, the rest to be refused. */
export type Offer = {
  readonly sections: readonly OfferSection[];
  /** Index into `sections`. */
  readonly video: number;
  readonly audio: number | undefined;
  /** Whether the video section is in a BUNDLE group. */
  readonly bundled: boolean;
  readonly transport: RemoteTransport;
};

/** Why an offer cannot be answered, in words. */
export type BadOffer = { readonly problem: string };

const maxSections = 16;
const maxCandidates = 8;
const protocolPattern = /^UDP\/TLS\/RTP\/SAVPF?$/;
const tokenPattern = /^[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,32}$/;
const icePattern = /^[A-Za-z0-9+/=_-]{4,256}$/;
const fingerprintPattern = /^(sha-256|sha-384|sha-512) ((?:[0-9A-F]{2}:){31,63}[0-9A-F]{2})$/i;
const fmtpPattern = /^[\x20-\x7e]{1,512}$/;

/**
 * Reads a WHEP offer. Any text gives an `Offer` or a `BadOffer`; nothing is thrown.
 * @see RFC 9725 (WHIP), RFC 8829, RFC 8839
 */
export function parseOffer(text: string): Offer | BadOffer {
  try {
    return toOffer(text);
  } catch (error) {
    if (error instanceof MediaError) return { problem: error.message };
    throw error;
  }
}

function toOffer(text: string): Offer | BadOffer {
  const session = parseSdp(text);
  const { media } = session;
  if (media.length === 0) return { problem: 'The offer has no media section.' };
  if (media.length > maxSections) return { problem: `The offer has more than ${maxSections} media sections.` };
  const bundle = findBundle(session.attributes);
  const sections: OfferSection[] = [];
  for (const [index, section] of media.entries()) {
    const mid = findValue(section.attributes, 'mid') ?? `m${index}`;
    if (!tokenPattern.test(mid) || sections.some((other) => other.mid === mid))
      return { problem: 'A mid is malformed.' };
    sections.push(toSection(section, mid));
  }
  const video = media.findIndex((section) => section.kind === 'video' && isWanted(section));
  if (video < 0) return { problem: 'The offer asks for no video (m=video, recvonly, UDP/TLS/RTP/SAVPF, rtcp-mux).' };
  const bundled = (index: number): boolean => bundle.includes(sections[index]!.mid);
  const audio = media.findIndex((section, index) => section.kind === 'audio' && isWanted(section) && bundled(index));
  const related = bundled(video) ? media.filter((_, index) => bundled(index)) : [];
  const transport = toTransport([
    media[video]!.attributes,
    ...related.map(({ attributes }) => attributes),
    session.attributes,
  ]);
  if ('problem' in transport) return transport;
  const isBundled = bundled(video);
  return { sections, video, audio: isBundled && audio >= 0 ? audio : undefined, bundled: isBundled, transport };
}

function isWanted(section: SdpMedia): boolean {
  if (!protocolPattern.test(section.protocol) || section.payloads.length === 0) return false;
  if (section.direction === 'sendonly' || section.direction === 'inactive') return false;
  const isBundleOnly = section.attributes.some(({ name }) => name === 'bundle-only');
  if (section.port === 0 && !isBundleOnly) return false;
  return section.attributes.some(({ name }) => name === 'rtcp-mux');
}

function toSection(section: SdpMedia, mid: string): OfferSection {
  const formats = new Map<number, string>();
  for (const { name, value } of section.attributes) {
    const match = name === 'fmtp' ? /^(\d{1,3})\s+(.*)$/.exec(value) : undefined;
    if (match && fmtpPattern.test(match[2]!)) formats.set(Number(match[1]), match[2]!);
  }
  const { kind, protocol, payloads } = section;
  const firstFormat = payloads[0]
    ? String(payloads[0].payloadType)
    : kind === 'application'
      ? 'webrtc-datachannel'
      : '0';
  return {
    kind: tokenPattern.test(kind) ? kind : 'application',
    protocol: /^[A-Z/]{1,32}$/.test(protocol) ? protocol : 'UDP/TLS/RTP/SAVPF',
    mid,
    payloads,
    formats,
    firstFormat,
  };
}

/** The first of the places that says it: the section itself, its bundle, the session. */
function toTransport(places: readonly (readonly SdpAttribute[])[]): RemoteTransport | BadOffer {
  const find = (name: string): string | undefined => {
    for (const place of places) {
      const value = findValue(place, name);
      if (value !== undefined) return value;
    }
    return undefined;
  };
  const usernameFragment = find('ice-ufrag') ?? '';
  const password = find('ice-pwd') ?? '';
  if (!icePattern.test(usernameFragment) || !icePattern.test(password) || password.length < 22) {
    return { problem: 'The offer has no valid ICE credentials (ice-ufrag, ice-pwd).' };
  }
  const setup = find('setup') ?? 'actpass';
  if (setup !== 'actpass' && setup !== 'active') return { problem: 'The offer must say a=setup:actpass.' };
  const place = places.find((attributes) => findValue(attributes, 'fingerprint') !== undefined) ?? [];
  const fingerprints: { algorithm: string; value: string }[] = [];
  for (const { name, value } of place) {
    const match = name === 'fingerprint' ? fingerprintPattern.exec(value) : undefined;
    if (match) fingerprints.push({ algorithm: match[1]!.toLowerCase(), value: match[2]!.toUpperCase() });
  }
  if (fingerprints.length === 0)
    return { problem: 'The offer has no certificate fingerprint (a=fingerprint:sha-256 …).' };
  const candidates = places[0]!.map(toCandidate).filter((candidate) => candidate !== undefined);
  return {
    usernameFragment,
    password,
    fingerprints: fingerprints.slice(0, 4),
    candidates: candidates.slice(0, maxCandidates),
  };
}

/** @see RFC 8839 5.1 */
function toCandidate({ name, value }: SdpAttribute): RemoteCandidate | undefined {
  if (name !== 'candidate') return undefined;
  const match = /^([A-Za-z0-9+/]{1,32}) 1 udp (\d{1,10}) (\S{1,64}) (\d{1,5}) typ (host|srflx|prflx|relay)\b/i.exec(
    value,
  );
  if (!match) return undefined;
  const [, foundation, priority, address, port, type] = match;
  const portNumber = Number(port);
  if (!isIPv4(address!) || !isUnicast(address!) || portNumber < 1 || portNumber > 65_535) return undefined;
  return {
    foundation: foundation!,
    priority: Number(priority) >>> 0,
    address: address!,
    port: portNumber,
    type: type!.toLowerCase() as RemoteCandidate['type'],
  };
}

/** Neither "this network" nor multicast nor broadcast: nobody may make the house shout. */
function isUnicast(address: string): boolean {
  const first = Number(address.split('.')[0]);
  return first > 0 && first < 224;
}

function findBundle(attributes: readonly SdpAttribute[]): readonly string[] {
  const group = attributes.find(({ name, value }) => name === 'group' && /^BUNDLE(\s|$)/.test(value));
  return group ? group.value.split(/\s+/).slice(1) : [];
}

function findValue(attributes: readonly SdpAttribute[], name: string): string | undefined {
  const value = attributes.find((attribute) => attribute.name === name)?.value;
  return value === '' ? undefined : value;
}
