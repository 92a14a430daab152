import { join } from 'node:path';
import { findProgram, startOneEach } from './command.ts';
import type { Peer } from './peer.ts';

const segments = ['-f', 'segment', '-segment_time', '60', '-segment_format', 'mp4'];
const fragments = ['-segment_format_options', 'movflags=+frag_keyframe+empty_moov'];

/** The peer of the bars: exactly the command that they name. */
export const ffmpeg: Peer = {
  name: 'ffmpeg',
  job: 'records: `ffmpeg -c copy` per camera, fragmented MP4, a file a minute',
  mostCameras: 10,
  prepare: () => findProgram('ffmpeg', ['-version']),
  start({ program, urls, folder }) {
    const lines = urls.map((url, index) =>
      ['-nostdin', '-v', 'error', '-rtsp_transport', 'tcp', '-i', url, '-c', 'copy'].concat(segments, fragments, [
        join(folder, `${index}-%d.mp4`),
      ]),
    );
    return startOneEach(program, lines);
  },
};
