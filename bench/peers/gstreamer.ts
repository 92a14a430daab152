import { join } from 'node:path';
import { findProgram, startOneEach } from './command.ts';
import type { Peer } from './peer.ts';

const minuteNs = 60_000_000_000;

/** A pipeline without a jitter buffer's delay; fragments as long as a group of pictures of the load, as ffmpeg writes them. */
export const gstreamer: Peer = {
  name: 'gstreamer',
  job: 'records: `gst-launch-1.0` per camera, fragmented MP4, a file a minute',
  mostCameras: 10,
  prepare: () => findProgram('gst-launch-1.0', ['--version']),
  start({ program, urls, folder }) {
    const lines = urls.map((url, index) => [
      ...['-q', 'rtspsrc', `location=${url}`, 'protocols=tcp', 'latency=0', '!', 'rtph264depay', '!', 'h264parse', '!'],
      ...['splitmuxsink', `location=${join(folder, `${index}-%d.mp4`)}`, `max-size-time=${minuteNs}`],
      ...['async-finalize=true', 'muxer-factory=mp4mux', 'muxer-properties=properties,fragment-duration=2000'],
    ]);
    return startOneEach(program, lines);
  },
};
