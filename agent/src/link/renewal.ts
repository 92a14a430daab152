import { X509Certificate } from 'node:crypto';
import type { Clock, Timer } from '@porchlight/base/clock';
import type { Log } from '@porchlight/base/log';
import type { DeviceIdentity } from './device-identity.ts';
import { requestCertificate, type Dialogue } from './provision.ts';

/** Of a certificate's life, after which the next one is asked for. */
const renewAt = 2 / 3;
const lookMs = 3_600_000;

export type RenewalOptions = {
  readonly clock: Clock;
  readonly log: Log;
  readonly serial: string;
  readonly identity: DeviceIdentity;
  readonly ask: Dialogue;
  /** The next identity, to be connected with. */
  onRenewed(next: DeviceIdentity): void;
};

/** Looks after the certificate of a connection: at two thirds of its life the hub is asked for the next one, every hour until it answers. */
export function openRenewal(options: RenewalOptions): Timer {
  const { clock, log, serial, identity, ask } = options;
  let asking = false;
  const look = (): void => {
    if (asking || clock.nowMs() < findRenewalMs(identity.certificatePem)) return;
    asking = true;
    requestCertificate(ask, { template: identity.template, serial })
      .then((made) => {
        if (clock.nowMs() < findRenewalMs(made.certificatePem)) return options.onRenewed({ ...identity, ...made });
        // It would be asked for again at once, and for ever.
        log.warn('The hub’s clock and this machine’s are years apart: a renewed certificate would be old already');
      })
      .catch((error: unknown) => log.warn('The agent’s certificate could not be renewed; it is tried again', { error }))
      .finally(() => (asking = false));
  };
  look();
  return clock.every(lookMs, look);
}

/** When the certificate is to be renewed; never for text that is none. */
export function findRenewalMs(certificatePem: string): number {
  try {
    const { validFrom, validTo } = new X509Certificate(certificatePem);
    const fromMs = Date.parse(validFrom);
    return fromMs + (Date.parse(validTo) - fromMs) * renewAt;
  } catch {
    return Infinity;
  }
}
