import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';

/** A file that goes into a zip. */
export type ZipEntry = { readonly name: string; readonly path: string; readonly sizeBytes: number };
/** `fromBytes` to `toBytes`, the latter excluded. */
export type ByteRange = { readonly fromBytes: number; readonly toBytes: number };

/**
 * Zip of files as they are, nothing compressed: video is so already. It is made while it is read, always the same for the same files and
 * time, so that its size is known before and a range of it can be asked for. Over 4 GiB it is a zip64.
 */
export async function openZip(
  entries: readonly ZipEntry[],
  madeMs: number,
): Promise<{ sizeBytes: number; body(range?: ByteRange): Readable }> {
  const probe = await makeZip(entries, madeMs, false);
  return {
    sizeBytes: probe.sizeBytes,
    body: (range) => Readable.from(readZip(entries, madeMs, range ?? { fromBytes: 0, toBytes: probe.sizeBytes })),
  };
}

/** Entries' headers depend on sizes only; `withFiles: false` never opens a file. */
function makeZip(
  entries: readonly ZipEntry[],
  madeMs: number,
  withFiles: boolean,
): Promise<{ sizeBytes: number; stream: Readable }> {
  const zip = new ZipFile();
  const files = new Set<Readable>();
  for (const { name, path, sizeBytes } of entries) {
    const facts = { size: sizeBytes, compress: false, mtime: new Date(madeMs), mode: 0o100644 };
    zip.addReadStreamLazy(name, facts, (give) => {
      if (!withFiles) return;
      // A range in the middle ends early: then the file that is being read is closed with the zip.
      const file = createReadStream(path, { highWaterMark: 1 << 18 });
      files.add(file);
      file.once('error', (error) => stream.destroy(error));
      give(null, file);
    });
  }
  const stream = zip.outputStream as Readable;
  zip.on('error', (error: Error) => stream.destroy(error));
  stream.once('close', () => {
    for (const file of files) file.destroy();
  });
  return new Promise((resolve) => {
    const tell = (sizeBytes: number): void => {
      if (!withFiles) stream.destroy();
      resolve({ sizeBytes, stream });
    };
    zip.end({ forceZip64Format: false, comment: '' }, tell as () => void);
  });
}

async function* readZip(
  entries: readonly ZipEntry[],
  madeMs: number,
  { fromBytes, toBytes }: ByteRange,
): AsyncGenerator<Buffer, void, undefined> {
  const { stream } = await makeZip(entries, madeMs, true);
  let at = 0;
  try {
    for await (const chunk of stream) {
      const bytes = chunk as Buffer;
      const wanted = bytes.subarray(Math.max(0, fromBytes - at), Math.max(0, toBytes - at));
      at += bytes.length;
      if (wanted.length > 0) yield wanted;
      if (at >= toBytes) return;
    }
  } finally {
    stream.destroy();
  }
}
