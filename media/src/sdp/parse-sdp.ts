import { MediaError } from '#frame';
import type { SdpAttribute, SdpDirection, SdpMedia, SdpPayload, SdpSession } from './sdp.ts';
import { staticPayloads } from './static-payloads.ts';

/** Longest description that is looked at, in characters. */
const maxLength = 65_536;
/** More sections than any camera has; the rest is left out. */
const maxSections = 64;

type Section = { line: string; address: string | undefined; attributes: SdpAttribute[] };

/**
 * A session description. Cameras break RFC 8866 in many ways: bare line feeds, missing or misplaced lines, text behind the
 * description, `control` after an unknown attribute, rtpmap of a static payload type: all are accepted, unknown lines skipped.
 * Throws `MediaError` for text without any `m=` section or `v=` line, for broken `m=` lines, and for more than 64 KiB.
 * @see RFC 8866
 */
export function parseSdp(text: string): SdpSession {
  if (text.length > maxLength) throw new MediaError('too-large', 'Session description above 64 KiB', maxLength);
  const session: Section = { line: '', address: undefined, attributes: [] };
  const sections: Section[] = [];
  let name = '';
  let version = false;
  let current = session;
  for (const line of text.split(/[\r\n\0]+/)) {
    if (line[1] !== '=') continue;
    const value = line.slice(2).trim();
    switch (line[0]) {
      case 'v':
        version = true;
        break;
      case 's':
        name = value;
        break;
      case 'c':
        current.address = value.split(/\s+/)[2]?.split('/')[0];
        break;
      case 'a':
        current.attributes.push(toAttribute(value));
        break;
      case 'm':
        current = { line: value, address: undefined, attributes: [] };
        if (sections.length < maxSections) sections.push(current);
        break;
      default:
    }
  }
  if (!version && sections.length === 0) throw new MediaError('malformed', 'Expected a session description');
  return toSession(name, session, sections);
}

function toSession(name: string, session: Section, sections: readonly Section[]): SdpSession {
  const media = sections.map((section) => toMedia(section, session));
  const talksBack = media.some((section) => section.direction !== 'sendonly');
  return {
    name,
    control: findAttribute(session.attributes, 'control'),
    attributes: session.attributes,
    media: media.map((section) => ({
      ...section,
      backchannel: section.kind === 'audio' && section.direction === 'sendonly' && talksBack,
    })),
  };
}

function toAttribute(line: string): SdpAttribute {
  const colon = line.indexOf(':');
  if (colon < 0) return { name: line.trim().toLowerCase(), value: '' };
  return { name: line.slice(0, colon).trim().toLowerCase(), value: line.slice(colon + 1).trim() };
}

function toMedia(section: Section, session: Section): SdpMedia {
  const [kind, portText, protocol, ...formats] = section.line.split(/\s+/);
  const port = Number.parseInt(portText ?? '', 10);
  if (!kind || !protocol || !(port >= 0 && port <= 65_535)) {
    throw new MediaError('malformed', 'Expected `m=kind port protocol formats`');
  }
  const { attributes } = section;
  return {
    kind: kind.toLowerCase(),
    port,
    protocol,
    payloads: [...new Set(formats)]
      .filter((format) => /^\d{1,3}$/.test(format) && Number(format) < 128)
      .map((format) => toPayload(Number(format), attributes)),
    control: findAttribute(attributes, 'control'),
    direction: findDirection(attributes) ?? findDirection(session.attributes),
    backchannel: false,
    address: section.address ?? session.address,
    frameRate: findFrameRate(attributes),
    attributes,
  };
}

/** rtpmap wins over the static meaning of a payload type: cameras send AAC as type 0. */
function toPayload(payloadType: number, attributes: readonly SdpAttribute[]): SdpPayload {
  const known = staticPayloads.get(payloadType);
  const map = findOfPayload(attributes, 'rtpmap', payloadType).at(-1);
  const [encoding = '', clockText = '', channelsText = ''] = map ? map.split('/').map((part) => part.trim()) : [];
  const clockRateHz = Number.parseInt(clockText, 10);
  const channels = Number.parseInt(channelsText, 10);
  const parameters = toParameters(findOfPayload(attributes, 'fmtp', payloadType));
  return {
    payloadType,
    encoding: encoding === '' ? (known?.[0] ?? toLikelyEncoding(parameters)) : encoding,
    clockRateHz: clockRateHz > 0 && clockRateHz <= 10_000_000 ? clockRateHz : (known?.[1] ?? 90_000),
    channels: channels > 0 && channels <= 255 ? channels : encoding === '' ? (known?.[2] ?? 1) : 1,
    parameters,
  };
}

/** What a payload type without rtpmap must be by its parameter sets; empty where there are none. */
function toLikelyEncoding(parameters: ReadonlyMap<string, string>): string {
  if (parameters.has('sprop-parameter-sets')) return 'H264';
  return parameters.has('sprop-vps') || parameters.has('sprop-sps') ? 'H265' : '';
}

function findOfPayload(attributes: readonly SdpAttribute[], name: string, payloadType: number): string[] {
  const values: string[] = [];
  for (const attribute of attributes) {
    if (attribute.name !== name) continue;
    const space = attribute.value.search(/\s/);
    if (space > 0 && Number(attribute.value.slice(0, space)) === payloadType)
      values.push(attribute.value.slice(space + 1).trim());
  }
  return values;
}

function toParameters(lines: readonly string[]): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const part of lines.join(';').split(';')) {
    const equals = part.indexOf('=');
    const name = (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase();
    const value = equals < 0 ? '' : part.slice(equals + 1).trim();
    if (name !== '') parameters.set(name, value.replace(/^"(.*)"$/, '$1'));
  }
  return parameters;
}

function findAttribute(attributes: readonly SdpAttribute[], name: string): string | undefined {
  const value = attributes.find((attribute) => attribute.name === name)?.value;
  return value === '' ? undefined : value;
}

function findDirection(attributes: readonly SdpAttribute[]): SdpDirection | undefined {
  for (const { name } of attributes) {
    if (name === 'sendrecv' || name === 'sendonly' || name === 'recvonly' || name === 'inactive') return name;
  }
  return undefined;
}

/** `25`, `12.5`, `30000/1001`. */
function findFrameRate(attributes: readonly SdpAttribute[]): number | undefined {
  const text = findAttribute(attributes, 'framerate') ?? findAttribute(attributes, 'x-framerate');
  const [above = '', below = '1'] = text?.split('/') ?? [];
  const rate = Number.parseFloat(above) / Number.parseFloat(below);
  return rate > 0 && rate <= 1000 ? rate : undefined;
}
