/**
 * RTSP 1.0 message text and framing. In: socket chunks of any split, values to write. Out: messages, interleaved frames, bytes.
 * Promises: frames inside one chunk are views, a split frame is joined once; header and body sizes are bounded; what is damaged is stepped
 * over and told; a side that does not speak RTSP throws `MediaError`, after which the connection is of no use. @see RFC 2326
 */
export {
  findStrongestChallenge,
  parseAuthorization,
  parseChallenges,
  toDigestResponse,
  writeBasicAuthorization,
  writeDigestAuthorization,
  type Authorization,
  type Challenge,
  type DigestAlgorithm,
  type DigestAuthorizationOptions,
  type DigestHash,
  type DigestResponseOptions,
} from './digest.ts';
export {
  getHeader,
  getSequence,
  writeInterleavedHeader,
  writeRequest,
  writeResponse,
  type RtspHeaderList,
  type RtspHeaders,
  type RtspRequest,
  type RtspResponse,
} from './message.ts';
export { RtspParser, type RtspParserSink } from './rtsp-parser.ts';
export { parseRtpInfo, parseSession, toBaseUrl, toControlUrl, type RtpInfo, type Session } from './session.ts';
export { parseTransport, writeTransport, type Transport } from './transport.ts';
