import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HouseError } from '@porchlight/base/errors';
import { openNodeAvDecoder, type LoadModule } from './decode-node-av.ts';

const jpeg = Buffer.from([0xff, 0xd8, 1, 2, 3]);

/** Stands in for node-av: writes down what is made, asked and freed. */
function openFakeNodeAv({ opens = true, decodes = true, hasDecoder = true } = {}) {
  const calls: string[] = [];
  const made: Record<string, number> = {};
  const make = (kind: string): void => void (made[kind] = (made[kind] ?? 0) + 1);
  const free = (kind: string): void => void (made[kind] = (made[kind] ?? 0) - 1);
  class CodecContext {
    threadCount = 0;
    constructor() {
      make('context');
    }
    allocContext3(): void {
      calls.push('alloc');
    }
    open2Sync(): number {
      calls.push(`open with ${this.threadCount} thread`);
      return opens ? 0 : -1;
    }
    sendPacketSync(packet: { data: Buffer } | null): number {
      calls.push(packet ? `send ${packet.data.length} bytes` : 'send the end');
      return decodes ? 0 : -1;
    }
    receiveFrameSync(): number {
      return decodes ? 0 : -1;
    }
    freeContext(): void {
      free('context');
    }
  }
  const holder = (kind: string) =>
    class {
      timeBase: object = {};
      data = Buffer.alloc(0);
      constructor() {
        make(kind);
      }
      alloc(): void {
        calls.push(`alloc ${kind}`);
      }
      free(): void {
        free(kind);
      }
    };
  class Scaler {
    constructor() {
      make('scaler');
    }
    toJpegSync(): Buffer {
      return jpeg;
    }
    close(): void {
      free('scaler');
    }
  }
  const findDecoder = (id: number) => {
    calls.push(`decoder ${id}`);
    return hasDecoder ? {} : null;
  };
  const modules: Record<string, object> = {
    'node-av/lib': {
      ...{ Codec: { findDecoder }, CodecContext, Packet: holder('packet'), Frame: holder('frame') },
      ...{ Rational: class {}, Log: { setLevel: (level: number) => calls.push(`log level ${level}`) } },
    },
    'node-av/constants': { AV_CODEC_ID_H264: 27, AV_CODEC_ID_HEVC: 173, AV_LOG_QUIET: -8 },
    'node-av/api': { Scaler },
  };
  const load: LoadModule = async (name) => modules[name];
  return { load, calls, made };
}

const isCorrupt = (error: unknown): boolean => error instanceof HouseError && error.kind === 'corrupt';

describe('decoding with node-av', () => {
  it('is left out when the package is not there', async () => {
    const missing: LoadModule = (name) => Promise.reject(new Error(`Cannot find package '${name}'`));
    assert.equal(await openNodeAvDecoder(missing), undefined);
  });

  it('decodes on one thread, quietly, with the decoder of the coding, and frees all that it made', async () => {
    const { load, calls, made } = openFakeNodeAv();
    const decode = await openNodeAvDecoder(load);
    assert.deepEqual([...(await decode!({ codec: 'h264', byteStream: new Uint8Array(9) }))], [...jpeg]);
    await decode!({ codec: 'h265', byteStream: new Uint8Array(5) });
    assert.deepEqual(
      calls.filter((call) => !call.startsWith('alloc')),
      [
        'log level -8',
        ...['decoder 27', 'open with 1 thread', 'send 9 bytes', 'send the end'],
        ...['decoder 173', 'open with 1 thread', 'send 5 bytes', 'send the end'],
      ],
    );
    assert.deepEqual(made, { context: 0, packet: 0, frame: 0, scaler: 0 });
  });

  for (const [what, fault] of [
    ['does not open', { opens: false }],
    ['makes nothing of the bytes', { decodes: false }],
    ['lacks the coding', { hasDecoder: false }],
  ] as const) {
    it(`answers "corrupt" and frees everything when the decoder ${what}`, async () => {
      const { load, made } = openFakeNodeAv(fault);
      const decode = await openNodeAvDecoder(load);
      await assert.rejects(async () => decode!({ codec: 'h264', byteStream: new Uint8Array(9) }), isCorrupt);
      assert.ok(Object.values(made).every((left) => left === 0));
    });
  }
});
