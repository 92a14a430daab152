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

/** Content-Length of a head; 0 when missing. */
export function toBodySize(headers: RtspHeaders, maxBodyBytes: number): number {
  const text = headers.get('content-length')?.[0];
  if (text === undefined || text === '') return 0;
  if (!/^\d{1,15}$/.test(text)) throw new MediaError('malformed', 'Expected a number of bytes in Content-Length');
  const sizeBytes = Number(text);
  if (sizeBytes > maxBodyBytes) {
    throw new MediaError('too-large', `Body of ${sizeBytes} bytes, at most ${maxBodyBytes} are taken`);
  }
  return sizeBytes;
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
