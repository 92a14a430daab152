/** The way between a browser and a house, with trouble on request: a connection that breaks or stands still in the middle of an answer. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** What happens to answers of requests whose path matches, once so many of their bytes have passed. */
export type NetworkTrouble = { readonly path: RegExp; readonly afterBytes: number; readonly then: 'cut' | 'hold' };

export type Network = {
  /** Where the house is found through this network. */
  readonly url: string;
  /** From now on; connections that already carry such a request are cut at once where `afterBytes` is 0. Undefined mends it. */
  trouble(trouble: NetworkTrouble | undefined): void;
  close(): Promise<void>;
};

/** Opens a loopback port in front of `houseUrl`. Bytes pass unchanged, so WebSockets work too. */
export async function openNetwork(houseUrl: string): Promise<Network> {
  const housePort = Number(new URL(houseUrl).port);
  const lines = new Set<Line>();
  let current: NetworkTrouble | undefined;
  const server = createServer((browser) => {
    const line = new Line(browser, connect(housePort, '127.0.0.1'), () => current);
    lines.add(line);
    browser.once('close', () => lines.delete(line));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    trouble(trouble) {
      current = trouble;
      if (trouble?.then === 'cut' && trouble.afterBytes === 0) {
        for (const line of lines) if (trouble.path.test(line.path)) line.cut();
      }
    },
    async close() {
      for (const line of lines) line.cut();
      server.close();
      await once(server, 'close');
    },
  };
}

/** One connection. HTTP/1.1 carries one request after the other on it, so the last request line says whose answer comes. */
class Line {
  path = '';
  readonly #browser: Socket;
  readonly #house: Socket;
  #trouble: NetworkTrouble | undefined;
  #passedBytes = 0;

  constructor(browser: Socket, house: Socket, current: () => NetworkTrouble | undefined) {
    this.#browser = browser;
    this.#house = house;
    for (const socket of [browser, house]) {
      socket.on('error', () => this.cut());
      socket.on('close', () => this.cut());
    }
    browser.on('data', (chunk) => this.#ask(chunk, current()));
    house.on('data', (chunk) => this.#answer(chunk));
    house.on('drain', () => browser.resume());
    browser.on('drain', () => house.resume());
  }

  #ask(chunk: Buffer, current: NetworkTrouble | undefined): void {
    const path = /^[A-Z]+ (\S+) HTTP\/1\.1\r\n/.exec(chunk.toString('latin1', 0, 4096))?.[1];
    if (path !== undefined) {
      this.path = path;
      this.#passedBytes = 0;
      this.#trouble = current?.path.test(path) ? current : undefined;
      if (this.#trouble?.then === 'cut' && this.#trouble.afterBytes === 0) return this.cut();
    }
    if (!this.#house.write(chunk)) this.#browser.pause();
  }

  #answer(chunk: Buffer): void {
    const trouble = this.#trouble;
    const passes = trouble ? chunk.subarray(0, Math.max(0, trouble.afterBytes - this.#passedBytes)) : chunk;
    this.#passedBytes += passes.length;
    if (passes.length > 0 && !this.#browser.write(passes)) this.#house.pause();
    if (passes.length === chunk.length) return;
    if (trouble?.then === 'hold') this.#house.pause();
    else this.#browser.end(() => this.cut());
  }

  cut(): void {
    this.#browser.destroy();
    this.#house.destroy();
  }
}
