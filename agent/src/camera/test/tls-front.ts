import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createServer } from 'node:tls';
import * as x509 from '@peculiar/x509';
import { systemClock } from '@porchlight/base/clock';

/** A TLS server with a certificate it signed itself, as cameras have them, in front of a plain port. */
export type TlsFront = {
  readonly port: number;
  /** TLS connections so far. */
  readonly connections: number;
  close(): Promise<void>;
};

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
/** Bytes of a TLS record: messages and packets lie across them. */
const recordBytes = 23;

async function makeCertificate(): Promise<{ key: string; cert: string }> {
  x509.cryptoProvider.set(webcrypto);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const nowMs = systemClock.nowMs();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=camera',
    notBefore: new Date(nowMs - 3_600_000),
    notAfter: new Date(nowMs + 3_600_000),
    signingAlgorithm: algorithm,
    keys,
  });
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { key: x509.PemConverter.encode(key, 'PRIVATE KEY'), cert: certificate.toString('pem') };
}

/** Opens a front on a loopback port. */
export async function openTlsFront(plainPort: number): Promise<TlsFront> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer(await makeCertificate(), (secure) => {
    connections++;
    const plain = connect(plainPort, '127.0.0.1');
    for (const socket of [secure, plain]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    secure.pipe(plain);
    plain.on('data', (chunk: Uint8Array) => {
      for (let at = 0; at < chunk.length; at += recordBytes) secure.write(chunk.subarray(at, at + recordBytes));
    });
    plain.on('close', () => secure.destroy());
    secure.on('close', () => plain.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
