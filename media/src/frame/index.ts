/**
 * The value every room on the media path passes on: coded frames and the description of their tracks.
 * In: nothing. Out: types, `DecodeTimes`, `MediaError`. Promises: no bytes are copied or changed here.
 */
export type { AudioCodec, AudioTrack, TrackDescription, VideoCodec, VideoTrack } from './track.ts';
export { holdFrame, releaseFrame } from './coded-frame.ts';
export type { AudioFrame, CodedFrame, Damage, FrameMemory, FrameSink, NalUnit, VideoFrame } from './coded-frame.ts';
export { MediaError, type MediaErrorReason } from './media-error.ts';
export { openDecodeTimes, type DecodeTime, type DecodeTimes, type DecodeTimesOptions } from './decode-times.ts';
