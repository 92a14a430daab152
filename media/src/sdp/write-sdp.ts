import type { SdpAttribute, SdpDirection, SdpPayload } from './sdp.ts';

/** A media section to write. */
export type SdpMediaToWrite = {
  readonly kind: string;
  /** 0 where RTSP decides the ports. */
  readonly port?: number;
  readonly protocol?: string;
  readonly payloads: readonly SdpPayload[];
  readonly control?: string;
  readonly direction?: SdpDirection;
  readonly frameRate?: number;
  /** Written after those that follow from the fields above. */
  readonly attributes?: readonly SdpAttribute[];
};

/** A session description to write. */
export type SdpSessionToWrite = {
  readonly name: string;
  /** Of the `o=` line. */
  readonly id: number;
  readonly control?: string;
  readonly attributes?: readonly SdpAttribute[];
  readonly media: readonly SdpMediaToWrite[];
};

/** Text of a session description with CRLF line ends. @see RFC 8866 5 */
export function writeSdp(session: SdpSessionToWrite): string {
  const lines = ['v=0', `o=- ${session.id} ${session.id} IN IP4 0.0.0.0`, `s=${oneLine(session.name) || '-'}`];
  lines.push('c=IN IP4 0.0.0.0', 't=0 0');
  if (session.control !== undefined) lines.push(`a=control:${oneLine(session.control)}`);
  lines.push(...(session.attributes ?? []).map(writeAttribute));
  for (const media of session.media) lines.push(...writeMedia(media));
  return `${lines.join('\r\n')}\r\n`;
}

function writeMedia(media: SdpMediaToWrite): string[] {
  const types = media.payloads.map((payload) => payload.payloadType).join(' ');
  const lines = [`m=${media.kind} ${media.port ?? 0} ${media.protocol ?? 'RTP/AVP'} ${types}`];
  for (const payload of media.payloads) {
    const channels = payload.channels > 1 ? `/${payload.channels}` : '';
    lines.push(`a=rtpmap:${payload.payloadType} ${oneLine(payload.encoding)}/${payload.clockRateHz}${channels}`);
    const parameters = [...payload.parameters].map(([name, value]) =>
      oneLine(value === '' ? name : `${name}=${value}`),
    );
    if (parameters.length > 0) lines.push(`a=fmtp:${payload.payloadType} ${parameters.join(';')}`);
  }
  if (media.frameRate !== undefined) lines.push(`a=framerate:${media.frameRate}`);
  if (media.control !== undefined) lines.push(`a=control:${oneLine(media.control)}`);
  if (media.direction !== undefined) lines.push(`a=${media.direction}`);
  lines.push(...(media.attributes ?? []).map(writeAttribute));
  return lines;
}

function writeAttribute(attribute: SdpAttribute): string {
  return oneLine(attribute.value === '' ? `a=${attribute.name}` : `a=${attribute.name}:${attribute.value}`);
}

function oneLine(text: string): string {
  return text.replace(/[\r\n\0]+/g, ' ');
}
