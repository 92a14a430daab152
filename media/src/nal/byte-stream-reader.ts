import { MediaError, type FrameSink, type NalUnit, type VideoCodec, type VideoFrame, type VideoTrack } from '#frame';
import { AccessUnits, type Pictures } from './access-units.ts';
import { toNalUnit } from './nal-unit.ts';
import { splitByteStream } from './start-codes.ts';

/** Where a picture stands in output order: periods follow each other, counts order the pictures within one. */
export type PictureOrder = { readonly period: number; readonly count: number };

export type ByteStreamOptions = {
  readonly codec: VideoCodec;
  readonly clockRateHz: number;
  /** Used where neither caller nor stream states one: 25. */
  readonly frameRate: number | undefined;
  readonly pictures: Pictures & { orderOf(slice: NalUnit): PictureOrder | undefined };
};

type Placed = { readonly frame: VideoFrame; readonly order: PictureOrder };

/**
 * Tracks and frames of an Annex B byte stream in decode order; presentation times follow output order, evenly spaced.
 * Views into `bytes`. Throws `MediaError` where no picture can be described.
 */
export function readByteStream(bytes: Uint8Array, options: ByteStreamOptions): (VideoTrack | VideoFrame)[] {
  const items: (VideoTrack | Placed)[] = [];
  let damaged = 0;
  let period = 0;
  let count = 0;
  let frameRate = options.frameRate;
  const { codec, pictures } = options;
  const sink: FrameSink = {
    onTrack: (_track, description) => {
      if (description.kind !== 'video') return;
      items.push(description);
      frameRate ??= description.frameRate;
    },
    onFrame: (frame) => {
      if (frame.kind !== 'video') return;
      const slice = frame.nalUnits.find((unit) => pictures.orderOf(unit));
      const order = (slice && pictures.orderOf(slice)) ?? { period, count: count + 1 };
      ({ period, count } = order);
      items.push({ frame, order });
    },
    onDamage: () => void damaged++,
  };
  const accessUnits = new AccessUnits({ track: 0, sink, pictures });
  for (const nalUnit of splitByteStream(bytes)) accessUnits.add(toNalUnit(codec, nalUnit), 0);
  accessUnits.flush();
  if (items.length === 0) {
    throw new MediaError(
      'malformed',
      `No picture with its parameter sets in ${bytes.length} bytes (${damaged} damaged)`,
    );
  }
  return placeInOrder(items, options.clockRateHz / (frameRate ?? 25));
}

function placeInOrder(items: readonly (VideoTrack | Placed)[], stepTicks: number): (VideoTrack | VideoFrame)[] {
  const placed = items.filter((item): item is Placed => 'order' in item);
  const sorted = [...placed].sort((a, b) => a.order.period - b.order.period || a.order.count - b.order.count);
  const rank = new Map(sorted.map((item, index) => [item, index]));
  return items.map((item) =>
    'order' in item ? { ...item.frame, ptsTicks: Math.round(rank.get(item)! * stepTicks) } : item,
  );
}
