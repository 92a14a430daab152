import { MediaError, type AudioTrack } from '#frame';
import type { DepacketizerOptions, RtpDepacketizer } from '#rtp';
import { toOpusDuration } from './opus-packet.ts';

/** The track of an Opus stream: always 48 kHz, whatever was recorded. @see RFC 7587 4.1 */
export function toOpusTrack(channels: number): AudioTrack {
  return {
    kind: 'audio',
    codec: 'opus',
    clockRateHz: 48_000,
    sampleRateHz: 48_000,
    channels,
    config: new Uint8Array(0),
    codecString: 'opus',
  };
}

/** Opus: each payload is one packet, kept as a view; its duration comes from its TOC byte. @see RFC 7587 4.2 */
export function openOpusDepacketizer(options: DepacketizerOptions & { readonly channels: number }): RtpDepacketizer {
  const { track, sink, clockRateHz, channels } = options;
  if (clockRateHz !== 48_000) throw new TypeError(`Expected \`clockRateHz\` to be 48000 for Opus, got ${clockRateHz}`);
  let announced = false;
  return {
    push(payload, ptsTicks) {
      const durationTicks = findDuration(payload);
      if (durationTicks === undefined) {
        sink.onDamage({ kind: 'damage', track, reason: 'malformed', count: 1 });
        return;
      }
      if (!announced) sink.onTrack(track, toOpusTrack(channels));
      announced = true;
      sink.onFrame({ kind: 'audio', track, ptsTicks, durationTicks, data: payload });
    },
    lost: (count) => sink.onDamage({ kind: 'damage', track, reason: 'packets-lost', count }),
    flush: () => undefined,
  };
}

function findDuration(payload: Uint8Array): number | undefined {
  try {
    return toOpusDuration(payload);
  } catch (error) {
    if (error instanceof MediaError) return undefined;
    throw error;
  }
}
