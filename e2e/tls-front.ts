/** A camera's TLS as cameras have it: a certificate it signed itself, in front of a plain port. */
import 'reflect-metadata';
import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createServer } from 'node:tls';
import * as x509 from '@peculiar/x509';

export type TlsFront = { readonly port: number; close(): Promise<void> };

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

async function makeCertificate(): Promise<{ key: string; cert: string }> {
  x509.cryptoProvider.set(crypto);
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const nowMs = Date.now();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=camera',
    notBefore: new Date(nowMs - 3_600_000),
    notAfter: new Date(nowMs + 3_600_000),
    signingAlgorithm: algorithm,
    keys,
  });
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { key: x509.PemConverter.encode(key, 'PRIVATE KEY'), cert: certificate.toString('pem') };
}

/** Opens a front with a certificate of its own; the system chooses the port unless one is given. */
export async function openTlsFront(plainPort: number, port = 0): Promise<TlsFront> {
  const sockets = new Set<Socket>();
  const server = createServer(await makeCertificate(), (secure) => {
    const plain = connect(plainPort, '127.0.0.1');
    for (const socket of [secure, plain]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    secure.pipe(plain).pipe(secure);
    plain.on('close', () => secure.destroy());
    secure.on('close', () => plain.destroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
