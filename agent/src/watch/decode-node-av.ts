import { notAPicture, type Decode } from './decode-ffmpeg.ts';
import type { CodedPicture } from './messages.ts';

/** The parts of node-av that are used; it is an optional package, so its own types may be absent. */
type NodeAvLib = {
  readonly Codec: { findDecoder(id: number): object | null };
  readonly CodecContext: new () => CodecContext;
  readonly Packet: new () => Packet;
  readonly Frame: new () => Frame;
  readonly Rational: new (numerator: number, denominator: number) => object;
  readonly Log: { setLevel(level: number): void };
};
type CodecContext = {
  threadCount: number;
  allocContext3(codec: object): void;
  open2Sync(codec: object, options: null): number;
  sendPacketSync(packet: Packet | null): number;
  receiveFrameSync(frame: Frame): number;
  freeContext(): void;
};
type Packet = { data: Buffer; alloc(): void; free(): void };
type Frame = { timeBase: object; alloc(): void; free(): void };
type NodeAvConstants = {
  readonly AV_CODEC_ID_H264: number;
  readonly AV_CODEC_ID_HEVC: number;
  readonly AV_LOG_QUIET: number;
};
type NodeAvApi = {
  readonly Scaler: new () => { toJpegSync(frame: Frame, options: { quality: number }): Buffer; close(): void };
};

const quality = 90;

/** Loads a module by its name. */
export type LoadModule = (name: string) => Promise<unknown>;

/**
 * A decoder in this process, when the optional package node-av (6.x) is installed; undefined otherwise.
 * Its binary carries FFmpeg and is native: it is loaded in the watcher's process only. The package needs none of its install scripts:
 * they fetch a command-line ffmpeg, which is not used here.
 */
export async function openNodeAvDecoder(
  load: LoadModule = async (name): Promise<unknown> => import(name),
): Promise<Decode | undefined> {
  try {
    const lib = (await load('node-av/lib')) as NodeAvLib;
    const constants = (await load('node-av/constants')) as NodeAvConstants;
    const api = (await load('node-av/api')) as NodeAvApi;
    lib.Log.setLevel(constants.AV_LOG_QUIET);
    return async (picture) => decode(picture, { lib, constants, api });
  } catch {
    return undefined;
  }
}

function decode(
  { codec, byteStream }: CodedPicture,
  { lib, constants, api }: { lib: NodeAvLib; constants: NodeAvConstants; api: NodeAvApi },
): Uint8Array {
  const decoder = lib.Codec.findDecoder(codec === 'h264' ? constants.AV_CODEC_ID_H264 : constants.AV_CODEC_ID_HEVC);
  if (!decoder) throw notAPicture('node-av lacks the decoder');
  const context = new lib.CodecContext();
  const packet = new lib.Packet();
  const frame = new lib.Frame();
  const scaler = new api.Scaler();
  try {
    context.allocContext3(decoder);
    context.threadCount = 1;
    packet.alloc();
    frame.alloc();
    packet.data = Buffer.from(byteStream);
    const opened = context.open2Sync(decoder, null) >= 0;
    if (!opened || context.sendPacketSync(packet) < 0) throw notAPicture();
    context.sendPacketSync(null);
    if (context.receiveFrameSync(frame) < 0) throw notAPicture();
    frame.timeBase = new lib.Rational(1, 90_000); // the scaler refuses frames without one
    return scaler.toJpegSync(frame, { quality });
  } finally {
    packet.free();
    frame.free();
    scaler.close();
    context.freeContext();
  }
}
