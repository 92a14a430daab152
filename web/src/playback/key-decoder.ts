import { parseKeyPicture } from './key-picture.ts';

/** A decoded picture; whoever holds it closes it soon, it holds the decoder's memory. */
export type Decoded = {
  readonly source: CanvasImageSource & ImageBitmapSource;
  readonly widthPx: number;
  readonly heightPx: number;
  close(): void;
};

export type KeyDecoder = {
  /** One picture after the other; undefined when it cannot be decoded here. */
  decode(file: Uint8Array<ArrayBuffer>): Promise<Decoded | undefined>;
  /** Lets go of it; nothing more is asked. */
  close(): void;
};

const patienceMs = 1500;
/** Opening a decoder takes as long as several pictures: the next one who scrubs finds it warm. */
const keepWarmMs = 60_000;

let shared: CodecDecoder | undefined;
let holders = 0;
let closing: ReturnType<typeof setTimeout> | undefined;

/** Decodes one-picture MP4 files: with WebCodecs where the page may use it, with a hidden video element elsewhere. */
export function openKeyDecoder(): KeyDecoder {
  clearTimeout(closing);
  holders++;
  const decoder = (shared ??= new CodecDecoder());
  return {
    decode: async (file) => (await decoder.decode(file)) ?? decodeByElement(file),
    close() {
      if (--holders > 0) return;
      closing = setTimeout(() => {
        shared?.close();
        shared = undefined;
      }, keepWarmMs);
    },
  };
}

class CodecDecoder {
  #decoder: VideoDecoder | undefined;
  #configured = '';
  #give: ((frame: VideoFrame | undefined) => void) | undefined;
  #before: Promise<unknown> = Promise.resolve();

  decode(file: Uint8Array): Promise<Decoded | undefined> {
    const decoded = this.#before.then(() => this.#decode(file));
    this.#before = decoded.catch(() => undefined);
    return decoded;
  }

  async #decode(file: Uint8Array): Promise<Decoded | undefined> {
    const picture = parseKeyPicture(file);
    if (!picture || typeof VideoDecoder === 'undefined') return undefined;
    const { codec, description, data } = picture;
    const config: VideoDecoderConfig = { codec, description, optimizeForLatency: true };
    if (this.#decoder?.state !== 'configured') {
      if (!(await VideoDecoder.isConfigSupported(config)).supported) return undefined;
      this.#decoder = this.#open();
      this.#configured = '';
    }
    const key = `${codec} ${description.join()}`;
    if (key !== this.#configured) this.#decoder.configure(config);
    this.#configured = key;
    const frame = await new Promise<VideoFrame | undefined>((resolve) => {
      this.#give = resolve;
      this.#decoder?.decode(new EncodedVideoChunk({ type: 'key', timestamp: 0, data }));
      this.#decoder?.flush().then(
        () => resolve(undefined),
        () => resolve(undefined),
      );
    });
    if (!frame) return undefined;
    const { displayWidth: widthPx, displayHeight: heightPx } = frame;
    return { source: frame, widthPx, heightPx, close: () => frame.close() };
  }

  #open(): VideoDecoder {
    const give = (frame: VideoFrame | undefined): void => {
      if (this.#give) this.#give(frame);
      else frame?.close();
      this.#give = undefined;
    };
    return new VideoDecoder({
      output: give,
      error: () => {
        this.#decoder = undefined;
        give(undefined);
      },
    });
  }

  close(): void {
    if (this.#decoder?.state === 'configured') this.#decoder.close();
    this.#decoder = undefined;
  }
}

async function decodeByElement(file: Uint8Array<ArrayBuffer>): Promise<Decoded | undefined> {
  const video = document.createElement('video');
  video.muted = video.playsInline = true;
  video.src = URL.createObjectURL(new Blob([file], { type: 'video/mp4' }));
  const close = (): void => {
    URL.revokeObjectURL(video.src);
    video.removeAttribute('src');
    video.load();
  };
  const ready = await new Promise<boolean>((resolve) => {
    video.onloadeddata = () => resolve(true);
    video.onerror = () => resolve(false);
    setTimeout(() => resolve(false), patienceMs);
  });
  if (ready) return { source: video, widthPx: video.videoWidth, heightPx: video.videoHeight, close };
  close();
  return undefined;
}
