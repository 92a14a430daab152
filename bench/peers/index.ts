/** Programs that are measured beside the agent. In: URLs of cameras. Out: processes that record or relay them. */
import { ffmpeg } from './ffmpeg.ts';
import { gstreamer } from './gstreamer.ts';
import type { Peer } from './peer.ts';

export type { Peer, Prepared, RunningPeer } from './peer.ts';

/** Those of every run: Debian packages. */
export const packagedPeers: readonly Peer[] = [ffmpeg, gstreamer];
