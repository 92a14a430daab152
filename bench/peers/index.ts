/** Programs that are measured beside the agent. In: URLs of cameras. Out: processes that record or relay them. */
import { ffmpeg } from './ffmpeg.ts';
import { go2rtc } from './go2rtc.ts';
import { gstreamer } from './gstreamer.ts';
import { mediamtx } from './mediamtx.ts';
import { moonfire } from './moonfire.ts';
import type { NotMeasured, Peer } from './peer.ts';

export type { NotMeasured, Peer, Prepared, RunningPeer } from './peer.ts';

/** All that are known; the first two are Debian packages, the others come from their registries. */
export const allPeers: readonly Peer[] = [ffmpeg, gstreamer, mediamtx, go2rtc, moonfire];

export type ReadyPeer = { readonly peer: Peer; readonly program: string; readonly version: string };
export type AbsentPeer = NotMeasured & { readonly peer: string };

/** Finds or builds peers, one after the other; what cannot be had says why. */
export async function preparePeers(names: readonly string[]): Promise<{ ready: ReadyPeer[]; absent: AbsentPeer[] }> {
  const [ready, absent]: [ReadyPeer[], AbsentPeer[]] = [[], []];
  for (const name of names) {
    const peer = allPeers.find((one) => one.name === name);
    if (peer === undefined) throw new Error(`No peer ${name}: there are ${allPeers.map((one) => one.name).join(', ')}`);
    const prepared = await peer.prepare();
    if (prepared.kind === 'ready') ready.push({ peer, program: prepared.program, version: prepared.version });
    else absent.push({ ...prepared, peer: name });
  }
  return { ready, absent };
}
