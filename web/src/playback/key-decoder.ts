import { parseKeyPicture } from './key-picture.ts';

/** A decoded picture; whoever holds it closes `image`. */
export type Still = { readonly image: ImageBitmap; readonly widthPx: number; readonly heightPx: number };

export type KeyDecoder = {
  /** One picture at a time; undefined when it cannot be decoded here. */
  decode(file: Uint8Array<ArrayBuffer>): Promise<Still | undefined>;
  close(): void;
};

const patienceMs = 1500;

/** Decodes one-picture MP4 files: with WebCodecs where the page may use it, with a hidden video element elsewhere. */
export function openKeyDecoder(): KeyDecoder {
  let decoder: VideoDecoder | undefined;
  let configured = '';
  let give: ((frame: VideoFrame | undefined) => void) | undefined;
  const open = (): VideoDecoder =>
    new VideoDecoder({
      output(frame) {
        if (give) give(frame);
        else frame.close();
        give = undefined;
      },
      error() {
        decoder = undefined;
        give?.(undefined);
        give = undefined;
      },
    });

  const byCodec = async (file: Uint8Array): Promise<Still | undefined> => {
    const picture = parseKeyPicture(file);
    if (!picture || typeof VideoDecoder === 'undefined') return undefined;
    const { codec, description, data } = picture;
    const config: VideoDecoderConfig = { codec, description, optimizeForLatency: true };
    if (decoder?.state !== 'configured') {
      if (!(await VideoDecoder.isConfigSupported(config)).supported) return undefined;
      decoder = open();
      configured = '';
    }
    const key = `${codec} ${description.join()}`;
    if (key !== configured) decoder.configure(config);
    configured = key;
    const frame = await new Promise<VideoFrame | undefined>((resolve) => {
      give = resolve;
      decoder?.decode(new EncodedVideoChunk({ type: 'key', timestamp: 0, data }));
      decoder?.flush().then(
        () => resolve(undefined),
        () => resolve(undefined),
      );
    });
    if (!frame) return undefined;
    const still = { image: await createImageBitmap(frame), widthPx: frame.displayWidth, heightPx: frame.displayHeight };
    frame.close();
    return still;
  };
  return {
    decode: async (file) => (await byCodec(file)) ?? decodeByElement(file),
    close() {
      if (decoder?.state === 'configured') decoder.close();
    },
  };
}

async function decodeByElement(file: Uint8Array<ArrayBuffer>): Promise<Still | undefined> {
  const video = document.createElement('video');
  video.muted = video.playsInline = true;
  video.src = URL.createObjectURL(new Blob([file], { type: 'video/mp4' }));
  try {
    const ready = await new Promise<boolean>((resolve) => {
      video.onloadeddata = () => resolve(true);
      video.onerror = () => resolve(false);
      setTimeout(() => resolve(false), patienceMs);
    });
    if (!ready) return undefined;
    return { image: await createImageBitmap(video), widthPx: video.videoWidth, heightPx: video.videoHeight };
  } finally {
    URL.revokeObjectURL(video.src);
    video.removeAttribute('src');
    video.load();
  }
}
