/**
 * RTSP 1.0 message text and framing. In: socket chunks of any split, values to write. Out: messages, interleaved frames, bytes.
 * Promises: frames inside one chunk are views, a split frame is joined once; header and body sizes are bounded;
 * anything outside the format throws `MediaError`, after which the connection is of no use. @see RFC 2326
 *
 * new RtspParser(sink: RtspParserSink, { maxHeaderBytes?, maxBodyBytes? }).push(chunk)
 * writeRequest({ method, url, headers, body? }), writeResponse({ status, reason?, headers, body? }): Uint8Array
 * writeInterleavedHeader(channel, sizeBytes): Uint8Array; getHeader(headers, name): string | undefined
 * parseTransport(text): Transport[]; writeTransport(transport); parseSession(text): { id, timeoutMs }
 * parseRtpInfo(text): { url, sequence?, rtpTimestamp? }[]
 * parseChallenges(values): Challenge[]; writeDigestAuthorization(options); writeBasicAuthorization(username, password)
 * toControlUrl(baseUrl, control)
 */
export type { RtspHeaderList, RtspHeaders, RtspParserSink, RtspRequest, RtspResponse } from './message.ts';
export type { Transport } from './transport.ts';
export type { Challenge, DigestAuthorizationOptions, DigestHash } from './digest.ts';
