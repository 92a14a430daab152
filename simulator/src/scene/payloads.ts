import { packetizeMpeg4Generic } from '@porchlight/media/aac';
import type { CodedFrame, NalUnit, TrackDescription, VideoFrame, VideoTrack } from '@porchlight/media/frame';
import { packetizeH264 } from '@porchlight/media/h264';
import { packetizeH265 } from '@porchlight/media/h265';

/** Leaves room for IP, UDP and RTP headers in an Ethernet frame. */
export const maxPayloadBytes = 1400;

/** RTP payloads of a frame in the track's own coding; a key picture brings its parameter sets, as cameras do. */
export function toPayloads(track: TrackDescription, frame: CodedFrame): Uint8Array[] {
  if (frame.kind === 'video') return track.kind === 'video' ? toVideoPayloads(track, frame) : [];
  switch (track.codec) {
    case 'aac':
      return packetizeMpeg4Generic(frame.data, maxPayloadBytes);
    case 'pcmu':
    case 'pcma':
      return split(frame.data, maxPayloadBytes);
    default:
      return [frame.data];
  }
}

function toVideoPayloads(track: VideoTrack, frame: VideoFrame): Uint8Array[] {
  const packetize = track.codec === 'h264' ? packetizeH264 : packetizeH265;
  return packetize(frame.key ? withParameterSets(track, frame.nalUnits) : frame.nalUnits, maxPayloadBytes);
}

/** Parameter sets go behind an access unit delimiter, and only where the picture has none of its own. */
function withParameterSets(track: VideoTrack, nalUnits: readonly NalUnit[]): readonly NalUnit[] {
  const [delimiter, spsType] = track.codec === 'h264' ? [9, 7] : [35, 33];
  if (nalUnits.some((unit) => unit.type === spsType)) return nalUnits;
  const sets = track.parameterSets.map((bytes): NalUnit => {
    const type = track.codec === 'h264' ? bytes[0]! & 0x1f : (bytes[0]! >> 1) & 0x3f;
    return { type, parts: [bytes], sizeBytes: bytes.length };
  });
  const first = nalUnits[0]?.type === delimiter ? 1 : 0;
  return [...nalUnits.slice(0, first), ...sets, ...nalUnits.slice(first)];
}

function split(bytes: Uint8Array, maxBytes: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += maxBytes) pieces.push(bytes.subarray(at, at + maxBytes));
  return pieces;
}
