import { concatBytes, writeUtf8 } from '#bytes';

/** Header fields by lower-case name; several lines of one name keep their order. */
export type RtspHeaders = ReadonlyMap<string, readonly string[]>;

export type RtspRequest = {
  readonly kind: 'request';
  readonly method: string;
  readonly url: string;
  readonly headers: RtspHeaders;
  readonly body: Uint8Array;
};

export type RtspResponse = {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
  readonly headers: RtspHeaders;
  readonly body: Uint8Array;
};

/** Header fields to write, in order, as they shall appear. */
export type RtspHeaderList = readonly (readonly [name: string, value: string])[];

const reasons: Readonly<Record<number, string>> = {
  100: 'Continue',
  200: 'OK',
  301: 'Moved Permanently',
  302: 'Found',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  451: 'Parameter Not Understood',
  453: 'Not Enough Bandwidth',
  454: 'Session Not Found',
  455: 'Method Not Valid in This State',
  459: 'Aggregate Operation Not Allowed',
  460: 'Only Aggregate Operation Allowed',
  461: 'Unsupported Transport',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  551: 'Option Not Supported',
};

/** First value of a header field; the name in any case. */
export function getHeader(headers: RtspHeaders, name: string): string | undefined {
  return headers.get(name.toLowerCase())?.[0];
}

/** CSeq of a message; undefined when missing or not a number. Cameras put spaces behind it. */
export function getSequence(headers: RtspHeaders): number | undefined {
  const text = getHeader(headers, 'cseq');
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

/** Bytes of a request; `Content-Length` follows from the body. @see RFC 2326 6 */
export function writeRequest(request: {
  readonly method: string;
  readonly url: string;
  readonly headers: RtspHeaderList;
  readonly body?: Uint8Array;
}): Uint8Array {
  return writeMessage(`${request.method} ${request.url} RTSP/1.0`, request.headers, request.body);
}

/** Bytes of a response; reason phrase and `Content-Length` are filled in. @see RFC 2326 7 */
export function writeResponse(response: {
  readonly status: number;
  readonly reason?: string;
  readonly headers: RtspHeaderList;
  readonly body?: Uint8Array;
}): Uint8Array {
  const reason = response.reason ?? reasons[response.status] ?? 'Unknown';
  return writeMessage(`RTSP/1.0 ${response.status} ${reason}`, response.headers, response.body);
}

function writeMessage(firstLine: string, headers: RtspHeaderList, body: Uint8Array | undefined): Uint8Array {
  const lines = [firstLine, ...headers.map(([name, value]) => `${name}: ${value}`)];
  if (body && body.length > 0) lines.push(`Content-Length: ${body.length}`);
  for (const line of lines) {
    if (/[\r\n\0]/.test(line)) throw new TypeError('Expected no line breaks in an RTSP first line or header');
  }
  const head = writeUtf8(`${lines.join('\r\n')}\r\n\r\n`);
  return body && body.length > 0 ? concatBytes([head, body]) : head;
}

/** The four bytes before an interleaved frame. @see RFC 2326 10.12 */
export function writeInterleavedHeader(channel: number, sizeBytes: number): Uint8Array {
  if (sizeBytes > 0xffff) throw new TypeError(`Expected at most 65535 bytes in a frame, got ${sizeBytes}`);
  return Uint8Array.of(0x24, channel, sizeBytes >>> 8, sizeBytes);
}
