/** What the house says of an export before its first byte. */
export type ClipHead = {
  /** True start: the key frame at or before the time asked for. */
  readonly fromMs: number;
  /** True end. */
  readonly toMs: number;
  /** Why it ends before the time asked for; a stable word. */
  readonly endedBecause?: string;
};

/** Pieces are gathered to this size, so that the browser may keep them on its disk and not in memory. */
const pieceBytes = 4_000_000;

/** The answer ended in the middle: the connection or the house went away. */
export class BrokenOff extends Error {
  override readonly name = 'BrokenOff';
  readonly receivedBytes: number;

  constructor(receivedBytes: number, cause?: unknown) {
    super(`An answer broke off after ${receivedBytes} bytes`, { cause });
    this.receivedBytes = receivedBytes;
  }
}

/** Reads the headers of an export. The span asked for stands in for those that are missing. */
export function readHead(headers: Headers, asked: { fromMs: number; toMs: number }): ClipHead {
  const toMs = (name: string, otherwise: number): number => {
    const value = Number(headers.get(name) ?? Number.NaN);
    return Number.isSafeInteger(value) ? value : otherwise;
  };
  const endedBecause = headers.get('porchlight-ended-because');
  return {
    fromMs: toMs('porchlight-from-ms', asked.fromMs),
    toMs: toMs('porchlight-to-ms', asked.toMs),
    ...(endedBecause === null ? {} : { endedBecause }),
  };
}

/** Reads the body to its end; `onBytes` hears how much has come. Throws `BrokenOff`, or what the signal was aborted with. */
export async function readBody(
  response: Response,
  { signal, onBytes }: { signal: AbortSignal; onBytes: (receivedBytes: number) => void },
): Promise<Blob> {
  const pieces: Blob[] = [];
  let gathered: Uint8Array<ArrayBuffer>[] = [];
  let gatheredBytes = 0;
  let receivedBytes = 0;
  const gather = (): void => {
    pieces.push(new Blob(gathered));
    gathered = [];
    gatheredBytes = 0;
  };
  try {
    const reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined = response.body?.getReader();
    for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) {
      const chunk: Uint8Array<ArrayBuffer> = next.value;
      gathered.push(chunk);
      gatheredBytes += chunk.length;
      receivedBytes += chunk.length;
      if (gatheredBytes >= pieceBytes) gather();
      onBytes(receivedBytes);
    }
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw new BrokenOff(receivedBytes, cause);
  }
  if (receivedBytes === 0) throw new BrokenOff(0);
  gather();
  return new Blob(pieces, { type: 'video/mp4' });
}
