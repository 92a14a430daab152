import { MediaError } from '#frame';

/** One transport of a `Transport` header. @see RFC 2326 12.39 */
export type Transport = {
  readonly lower: 'udp' | 'tcp';
  /** `RTP/AVP`, `RTP/SAVP`… without the lower transport. */
  readonly profile: string;
  readonly multicast: boolean;
  readonly interleaved: readonly [rtp: number, rtcp: number] | undefined;
  readonly clientPorts: readonly [rtp: number, rtcp: number] | undefined;
  readonly serverPorts: readonly [rtp: number, rtcp: number] | undefined;
  /** Multicast `port=`. */
  readonly ports: readonly [rtp: number, rtcp: number] | undefined;
  readonly ssrc: number | undefined;
  readonly source: string | undefined;
  readonly destination: string | undefined;
  readonly mode: string | undefined;
};

/**
 * The transports of a `Transport` header, in order of preference.
 * Accepted: no `unicast` (Luckfox), fields in any order, a space inside `ssrc` (Hikvision), quoted values, a single port or channel.
 * @see RFC 2326 12.39
 */
export function parseTransport(text: string): Transport[] {
  const transports = text.split(',').slice(0, 32).map(toTransport);
  const known = transports.filter((transport) => transport !== undefined);
  if (known.length === 0) throw new MediaError('malformed', 'Expected an RTP transport');
  return known;
}

/** Text of one transport, fields in the order of RFC 2326. */
export function writeTransport(transport: Partial<Transport> & { readonly lower: 'udp' | 'tcp' }): string {
  const parts = [`${transport.profile ?? 'RTP/AVP'}${transport.lower === 'tcp' ? '/TCP' : ''}`];
  parts.push(transport.multicast ? 'multicast' : 'unicast');
  if (transport.destination) parts.push(`destination=${transport.destination}`);
  if (transport.source) parts.push(`source=${transport.source}`);
  if (transport.interleaved) parts.push(`interleaved=${transport.interleaved.join('-')}`);
  if (transport.ports) parts.push(`port=${transport.ports.join('-')}`);
  if (transport.clientPorts) parts.push(`client_port=${transport.clientPorts.join('-')}`);
  if (transport.serverPorts) parts.push(`server_port=${transport.serverPorts.join('-')}`);
  if (transport.ssrc !== undefined) parts.push(`ssrc=${transport.ssrc.toString(16).toUpperCase().padStart(8, '0')}`);
  if (transport.mode) parts.push(`mode="${transport.mode}"`);
  return parts.join(';');
}

function toTransport(text: string): Transport | undefined {
  const [name = '', ...fields] = text.split(';').map((field) => field.trim());
  const match = /^(RTP\/S?AVPF?)(?:\/(TCP|UDP))?$/i.exec(name);
  if (!match) return undefined;
  const values = new Map<string, string>();
  for (const field of fields) {
    const equals = field.indexOf('=');
    const key = (equals < 0 ? field : field.slice(0, equals)).trim().toLowerCase();
    if (!values.has(key))
      values.set(
        key,
        equals < 0
          ? ''
          : field
              .slice(equals + 1)
              .replaceAll('"', '')
              .trim(),
      );
  }
  const interleaved = toPair(values.get('interleaved'), 255);
  return {
    lower: match[2]?.toUpperCase() === 'TCP' || interleaved ? 'tcp' : 'udp',
    profile: match[1]!.toUpperCase(),
    multicast: values.has('multicast'),
    interleaved,
    clientPorts: toPair(values.get('client_port'), 65_535),
    serverPorts: toPair(values.get('server_port'), 65_535),
    ports: toPair(values.get('port'), 65_535),
    ssrc: toSsrc(values.get('ssrc')),
    source: values.get('source') || undefined,
    destination: values.get('destination') || undefined,
    mode: values.get('mode') || undefined,
  };
}

/** `4-5`, or `4` for 4-5. */
function toPair(text: string | undefined, max: number): readonly [number, number] | undefined {
  const match = /^\s*(\d{1,5})\s*(?:-\s*(\d{1,5})\s*)?$/.exec(text ?? '');
  if (!match) return undefined;
  const first = Number(match[1]);
  const second = match[2] === undefined ? first + 1 : Number(match[2]);
  return first <= max && second <= max ? [first, second] : undefined;
}

function toSsrc(text: string | undefined): number | undefined {
  const clean = text?.replaceAll(/\s/g, '').replace(/^0x/i, '') ?? '';
  return /^[0-9a-f]{1,8}$/i.test(clean) ? Number.parseInt(clean, 16) : undefined;
}
