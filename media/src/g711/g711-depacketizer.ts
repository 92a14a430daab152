import type { AudioTrack } from '#frame';
import type { DepacketizerOptions, RtpDepacketizer } from '#rtp';
import type { G711Codec } from './g711.ts';

/** The track of a G.711 stream; its clock is its sample rate. @see RFC 3551 4.5.14 */
export function toG711Track(codec: G711Codec, clockRateHz: number, channels: number): AudioTrack {
  return {
    kind: 'audio',
    codec,
    clockRateHz,
    sampleRateHz: clockRateHz,
    channels,
    config: new Uint8Array(0),
    codecString: codec === 'pcmu' ? 'ulaw' : 'alaw',
  };
}

/** PCMU or PCMA: each payload is one frame, kept as a view; channels are interleaved by sample. @see RFC 3551 4.5.14 */
export function openG711Depacketizer(
  options: DepacketizerOptions & { readonly codec: G711Codec; readonly channels: number },
): RtpDepacketizer {
  const { track, sink, channels } = options;
  let announced = false;
  return {
    push(payload, ptsTicks) {
      const durationTicks = Math.floor(payload.length / channels);
      if (durationTicks === 0) {
        sink.onDamage({ kind: 'damage', track, reason: 'malformed', count: 1 });
        return;
      }
      if (!announced) sink.onTrack(track, toG711Track(options.codec, options.clockRateHz, channels));
      announced = true;
      const data = payload.length % channels === 0 ? payload : payload.subarray(0, durationTicks * channels);
      sink.onFrame({ kind: 'audio', track, ptsTicks, durationTicks, data });
    },
    lost: (count) => sink.onDamage({ kind: 'damage', track, reason: 'packets-lost', count }),
    flush: () => undefined,
  };
}
