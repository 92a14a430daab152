import type { Transport as TransportChoice } from '@porchlight/contract/camera';
import { MediaError } from '@porchlight/media/frame';
import { parseUtf8 } from '@porchlight/media/bytes';
import {
  getHeader,
  parseSession,
  parseTransport,
  toBaseUrl,
  toControlUrl,
  writeTransport,
  type RtspHeaderList,
  type RtspResponse,
  type Session,
  type Transport,
} from '@porchlight/media/rtsp';
import { parseSdp, type SdpSession } from '@porchlight/media/sdp';
import { isLoopback, parseCameraAddress } from './camera-address.ts';
import { CameraError, toStatusError } from './camera-error.ts';
import { chooseMedia, type ChosenMedia, type MediaSession, type MediaTrack } from './media-session.ts';
import { closedError, openRtspLink, type RtspLink, type RtspLinkOptions } from './rtsp-link.ts';
import { openUdpPorts, type UdpPorts } from './udp-ports.ts';

const maxRedirects = 3;

/** What a session is opened with; the link's own options go through. */
export type RtspSessionOptions = RtspLinkOptions & {
  readonly transport: TransportChoice;
  readonly media: MediaSession;
  /** A first question without an answer is asked again after so long. */
  readonly repeatMs: number;
};

/**
 * The steps of a session. Each is made from the one before, so that none can be left out:
 * connected → described → set up → playing.
 */
type Connected = { readonly link: RtspLink; readonly methods: ReadonlySet<string> };
type Described = Connected & { readonly baseUrl: string; readonly sdp: SdpSession };
type SetUp = Described & {
  readonly lower: 'tcp' | 'udp';
  readonly session: Session;
  readonly tracks: readonly PlayingTrack[];
};
type PlayingTrack = {
  readonly track: MediaTrack;
  readonly url: string;
  readonly sendRtcp: (bytes: Uint8Array) => void;
  readonly close: () => void;
};

/** A session whose media flows. */
export type RtspSession = {
  readonly link: RtspLink;
  readonly lower: 'tcp' | 'udp';
  /** How often the camera wants to hear from us. */
  readonly keepAliveMs: number;
  keepAlive(): void;
  /** A receiver report for each track. */
  sendReports(nowMs: number): void;
  /** The end of the connection. TEARDOWN goes before it, here as after any failure; nobody waits for its answer. */
  close(): void;
};

/** Connects, describes, sets up and plays. Throws a `CameraError` in words; nothing is left open then. */
export async function openRtspSession(options: RtspSessionOptions): Promise<RtspSession> {
  const described = await describe(options);
  const opened: PlayingTrack[] = [];
  try {
    return toSession(await play(await setUp(described, options, opened), options));
  } catch (error) {
    for (const track of opened) track.close();
    described.link.fail(toCameraError(error));
    throw toCameraError(error);
  }
}

/** Anything thrown on the way, in words. */
function toCameraError(error: unknown): CameraError {
  if (error instanceof CameraError) return error;
  if (error instanceof MediaError)
    return new CameraError(
      'protocol',
      `The camera's answer cannot be understood (${error.message}).`,
      'Restart the camera; if it stays, its firmware may be at fault.',
      error,
    );
  return new CameraError(
    'protocol',
    'The connection failed for an unknown reason.',
    'See the log of the agent.',
    error,
  );
}

async function connect(options: RtspSessionOptions): Promise<Connected> {
  const link = await openRtspLink(options);
  try {
    const response = await link.request('OPTIONS', link.address.url, [], { repeatMs: options.repeatMs });
    const methods = (response.headers.get('public') ?? []).join(',').split(/[\s,]+/);
    return { link, methods: new Set(methods.map((method) => method.toUpperCase())) };
  } catch (error) {
    link.fail(toCameraError(error));
    throw error;
  }
}

/** Follows redirects a few times; never from a camera to this machine itself. @see RFC 2326 11.3 */
async function describe(options: RtspSessionOptions): Promise<Described> {
  let { address, credentials } = options;
  for (let hops = 0; hops <= maxRedirects; hops++) {
    const connected = await connect({ ...options, address, credentials });
    const { link } = connected;
    try {
      const response = await link.request('DESCRIBE', address.url, [['Accept', 'application/sdp']]);
      const location = response.status >= 300 && response.status < 400 && getHeader(response.headers, 'location');
      if (!location) return toDescribed(connected, response, options);
      const next = parseCameraAddress(toAbsolute(location, address.url));
      if (isLoopback(next.host) && !isLoopback(options.address.host))
        throw new CameraError('protocol', 'The camera sends Porchlight to itself.', "Check the camera's settings.");
      if (next.host !== address.host || (address.secure && !next.secure)) credentials = undefined;
      address = next;
      link.fail(new CameraError('closed', 'The camera named another address.', ''));
    } catch (error) {
      link.fail(toCameraError(error));
      throw toCameraError(error);
    }
  }
  throw new CameraError(
    'protocol',
    'The camera names one other address after another.',
    "Check the camera's settings.",
  );
}

/** Cameras name another place by its path alone, too. */
function toAbsolute(location: string, url: string): string {
  return URL.canParse(location, url) ? new URL(location, url).href : location;
}

function toDescribed(connected: Connected, response: RtspResponse, options: RtspSessionOptions): Described {
  if (response.status !== 200) throw toStatusError(response.status, 'DESCRIBE', options.credentials !== undefined);
  const sdp = parseSdp(parseUtf8(response.body));
  return { ...connected, baseUrl: toBaseUrl(connected.link.address.url, response.headers), sdp };
}

/** Sets up video, then sound; a camera that refuses sound alone is recorded without it. */
async function setUp(described: Described, options: RtspSessionOptions, opened: PlayingTrack[]): Promise<SetUp> {
  const { link, sdp } = described;
  const channels: OnPacket[] = [];
  link.onInterleaved = (channel, bytes, start, end) => channels[channel]?.(bytes, start, end);
  link.onSkipped = () => options.media.onDamage({ kind: 'damage', track: 0, reason: 'malformed', count: 1 });
  // By UDP the pictures of an `rtsps` camera would go in the clear.
  const { secure } = link.address;
  let lower: 'tcp' | 'udp' = options.transport === 'udp' && !secure ? 'udp' : 'tcp';
  let session: Session | undefined;
  for (const chosen of chooseMedia(sdp)) {
    const step = { described, chosen, session, opened, channels, media: options.media };
    let answer = await setUpTrack({ ...step, lower });
    if (isTransportRefusal(answer.status) && options.transport !== 'tcp' && !secure && !session) {
      const other = lower === 'tcp' ? 'udp' : 'tcp';
      const second = await setUpTrack({ ...step, lower: other });
      if (second.status === 200) [lower, answer] = [other, second];
    }
    if (answer.status === 200) {
      session ??= answer.session;
      sayTeardownAtEnd(described, session);
    } else if (chosen.kind === 'video') throw toStatusError(answer.status, 'SETUP', options.credentials !== undefined);
    else options.log.info('The camera refuses to send sound', { status: answer.status });
  }
  return { ...described, lower, session: session ?? { id: '', timeoutMs: 60_000 }, tracks: opened };
}

/** 461, or what cameras say in place of it; not what concerns user, path or viewers. */
function isTransportRefusal(status: number): boolean {
  return status >= 400 && ![401, 403, 404, 410, 453, 454, 503].includes(status);
}

/** Takes a packet that lies in `bytes` from `start` up to `end`; all of it by default. */
type OnPacket = (bytes: Uint8Array, start?: number, end?: number) => void;

type SetUpTrack = {
  readonly described: Described;
  readonly chosen: ChosenMedia;
  readonly lower: 'tcp' | 'udp';
  readonly session: Session | undefined;
  readonly opened: PlayingTrack[];
  readonly channels: OnPacket[];
  readonly media: MediaSession;
};

async function setUpTrack(step: SetUpTrack): Promise<{ status: number; session?: Session }> {
  const { described, chosen, lower, session, opened } = step;
  const { link, baseUrl, sdp } = described;
  const url = toControlUrl(toControlUrl(baseUrl, sdp.control), chosen.media.control);
  const headers = session && session.id !== '' ? [['Session', session.id] as const] : [];
  const channel = opened.length * 2;
  // Filled in once the camera has said yes; packets may follow that in the same chunk.
  let track: MediaTrack | undefined;
  const onRtcp: OnPacket = (bytes, start, end) => track?.onRtcp(bytes.subarray(start, end), link.receivedMs);
  const onRtp: OnPacket = (bytes, start = 0, end) => {
    // Reports on the channel of the packets, as some servers send them: they are no video that still comes. @see RFC 5761 4
    const type = bytes[start + 1]!;
    if (type >= 200 && type <= 207) onRtcp(bytes, start, end);
    else track?.onRtp(bytes, link.receivedMs, start, end);
  };
  const udp = lower === 'udp' ? await openUdp(link, { onRtp, onRtcp }) : undefined;
  const wanted = writeTransport(
    udp ? { lower, clientPorts: udp.ports } : { lower, interleaved: [channel, channel + 1] },
  );
  let response: RtspResponse;
  try {
    response = await link.request('SETUP', url, [['Transport', wanted], ...headers]);
    if (response.status !== 200) {
      udp?.close();
      return { status: response.status };
    }
    track = step.media.addTrack(chosen, lower);
  } catch (error) {
    udp?.close();
    throw error;
  }
  const agreed = toAgreed(response, lower);
  if (udp) {
    opened.push({ track, url, sendRtcp: (bytes) => udp.sendRtcp(bytes), close: () => udp.close() });
    udp.aim(toSourceAddress(agreed, link), agreed?.serverPorts);
  } else {
    const [rtp, rtcp] = agreed?.interleaved ?? [channel, channel + 1];
    const { [rtp]: other, [rtcp]: otherReports } = step.channels;
    step.channels[rtp] = other ? toShared(onRtp, track.payloadType, other) : onRtp;
    step.channels[rtcp] = otherReports ? toBoth(onRtcp, otherReports) : onRtcp;
    opened.push({ track, url, sendRtcp: (bytes) => link.sendInterleaved(rtcp, bytes), close: () => undefined });
  }
  const id = getHeader(response.headers, 'session');
  return id === undefined ? { status: 200 } : { status: 200, session: parseSession(id) };
}

/** Cameras that name the same channels for picture and sound: the payload type tells them apart. */
function toShared(onRtp: OnPacket, payloadType: number, other: OnPacket): OnPacket {
  return (bytes, start = 0, end) => ((bytes[start + 1]! & 0x7f) === payloadType ? onRtp : other)(bytes, start, end);
}

/** Reports say themselves whose they are. */
function toBoth(first: OnPacket, second: OnPacket): OnPacket {
  return (bytes, start, end) => {
    first(bytes, start, end);
    second(bytes, start, end);
  };
}

/** What the camera agreed to; one that answers with UDP ports to a question for TCP would send elsewhere. */
function toAgreed(response: RtspResponse, lower: 'tcp' | 'udp'): Transport | undefined {
  const text = getHeader(response.headers, 'transport');
  if (text === undefined) return undefined;
  const agreed = parseTransport(text)[0];
  if (!agreed || agreed.lower === lower) return agreed;
  const isForgetful = lower === 'tcp' && !agreed.clientPorts && !agreed.serverPorts && !agreed.multicast;
  if (!isForgetful) throw toStatusError(461, 'SETUP', false);
  return agreed;
}

/** Media may come from another address than RTSP, if the camera says so by number. */
function toSourceAddress(agreed: Transport | undefined, link: RtspLink): string {
  const source = agreed?.source ?? '';
  return /^[\d.]+$|:/.test(source) && !isLoopback(source) && source !== '0.0.0.0' ? source : link.remoteAddress;
}

async function openUdp(
  link: RtspLink,
  sink: { onRtp(packet: Uint8Array): void; onRtcp(packet: Uint8Array): void },
): Promise<UdpPorts> {
  return openUdpPorts(link.remoteAddress, {
    onRtp(packet) {
      link.markReceived(packet.length);
      sink.onRtp(packet);
    },
    onRtcp(packet) {
      link.markReceived(packet.length);
      sink.onRtcp(packet);
    },
  });
}

/** What a camera says that does not know `Range: npt=0.000-`. */
const rangeRefusals: readonly number[] = [400, 451, 456, 457];

async function play(step: SetUp, options: RtspSessionOptions): Promise<SetUp> {
  const ask = (url: string, more: RtspHeaderList): Promise<number> =>
    requestPlay(step, options, { url, headers: [...toSessionHeaders(step), ...more] });
  const url = toAggregateUrl(step);
  let status = await ask(url, [['Range', 'npt=0.000-']]);
  if (rangeRefusals.includes(status)) status = await ask(url, []);
  // Aggregate operation not allowed.
  if (status === 459)
    for (const track of step.tracks) {
      status = await ask(track.url, []);
      if (status !== 200) break;
    }
  if (status !== 200) throw toStatusError(status, 'PLAY', true);
  return step;
}

/** The answer's status. A camera that sends pictures has said yes, even where it does not say so. */
async function requestPlay(
  { link }: SetUp,
  { media }: RtspSessionOptions,
  { url, headers }: { readonly url: string; readonly headers: RtspHeaderList },
): Promise<number> {
  try {
    return (await link.request('PLAY', url, headers)).status;
  } catch (error) {
    if (error instanceof CameraError && error.reason === 'timeout' && media.lastVideoMs !== undefined) return 200;
    throw error;
  }
}

function toAggregateUrl({ baseUrl, sdp }: Described): string {
  return toControlUrl(baseUrl, sdp.control);
}

function toSessionHeaders({ session }: SetUp): RtspHeaderList {
  return session.id === '' ? [] : [['Session', session.id]];
}

/** A camera whose session is not ended keeps its place taken for a minute or so, and some have two places. */
function sayTeardownAtEnd(described: Described, session: Session | undefined): void {
  const { link } = described;
  const headers = session && session.id !== '' ? [['Session', session.id] as const] : [];
  link.onEnding = () => link.notify('TEARDOWN', toAggregateUrl(described), headers);
}

/** Requests that keep a session alive, the best first; one that the camera refuses is not asked again. @see RFC 2326 A.3 */
function toKeepAlives(methods: ReadonlySet<string>): string[] {
  const known = ['GET_PARAMETER', 'OPTIONS', 'SET_PARAMETER'];
  return methods.has('GET_PARAMETER') ? known : ['OPTIONS', 'GET_PARAMETER', 'SET_PARAMETER'];
}

function toSession(playing: SetUp): RtspSession {
  const { link, lower, session, tracks, methods } = playing;
  const url = toAggregateUrl(playing);
  const headers = toSessionHeaders(playing);
  const keepAlives = toKeepAlives(methods);
  return {
    link,
    lower,
    keepAliveMs: Math.min(30_000, Math.max(250, session.timeoutMs / 2)),
    keepAlive() {
      const [method] = keepAlives;
      // None is left: receiver reports have to do.
      if (method === undefined) return;
      void link.request(method, url, headers).then(
        ({ status }) => {
          if (status === 454)
            link.fail(new CameraError('closed', 'The camera forgot the session.', 'Porchlight tries again by itself.'));
          else if (status >= 400 && keepAlives[0] === method) keepAlives.shift();
        },
        // Media that flows says more than a missing answer; a refusal of the password shows at the next connection.
        () => undefined,
      );
    },
    sendReports(nowMs) {
      for (const { track, sendRtcp } of tracks) {
        const report = track.report(nowMs);
        if (report) sendRtcp(report);
      }
    },
    close() {
      link.fail(closedError());
      for (const track of tracks) track.close();
    },
  };
}
