import { parseUtf8 } from '#bytes';
import { MediaError } from '#frame';
import type { RtspHeaders, RtspRequest, RtspResponse } from './message.ts';

const noBytes = new Uint8Array(0);

/**
 * First line and header fields of a message, without its body. `head` ends with the empty line.
 * Accepted as cameras send it: bare line feeds, folded lines, lines without a colon (skipped), spaces around names.
 */
export function parseHead(head: Uint8Array): RtspRequest | RtspResponse {
  const lines = parseUtf8(head).split(/\r?\n/);
  const first = lines[0]!.trim();
  const headers = toHeaders(lines);
  const response = /^RTSP\/\d\.\d\s+(\d{3})(?:\s+(.*))?$/i.exec(first);
  if (response) {
    return { kind: 'response', status: Number(response[1]), reason: response[2] ?? '', headers, body: noBytes };
  }
  if (/^HTTP\//i.test(first)) throw new MediaError('malformed', 'Expected RTSP, the other side speaks HTTP');
  const request = /^([A-Z_]{1,32})\s+(\S+)\s+RTSP\/\d\.\d$/i.exec(first);
  if (!request) throw new MediaError('malformed', 'Expected an RTSP request or status line');
  return { kind: 'request', method: request[1]!.toUpperCase(), url: request[2]!, headers, body: noBytes };
}

/** A description whose length is not known is taken up to this size, or until somebody ends it. */
const unknownBytes = 65_536;

/** Content-Length of a head. 0 when it is missing or none, but of descriptions, which have a body whatever the camera forgot. */
export function toBodySize(headers: RtspHeaders, maxBodyBytes: number): number {
  const text = headers.get('content-length')?.[0]?.trim() ?? '';
  if (!/^\d+$/.test(text)) {
    return isDescription(headers) ? Math.min(unknownBytes, maxBodyBytes) : 0;
  }
  const sizeBytes = Number(text);
  if (sizeBytes > maxBodyBytes) {
    throw new MediaError('too-large', `Body of ${sizeBytes} bytes, at most ${maxBodyBytes} are taken`);
  }
  return sizeBytes;
}

/** Whether the body is a session description. */
export function isDescription(headers: RtspHeaders): boolean {
  return headers.get('content-type')?.[0]?.toLowerCase().startsWith('application/sdp') === true;
}

function toHeaders(lines: readonly string[]): RtspHeaders {
  const headers = new Map<string, string[]>();
  let last: string[] | undefined;
  for (const line of lines.slice(1)) {
    if (/^[ \t]/.test(line) && last) {
      last.push(`${last.pop()!} ${line.trim()}`.trim());
      continue;
    }
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    last = headers.get(name);
    if (last) last.push(value);
    else headers.set(name, (last = [value]));
  }
  return headers;
}
