import { X509Certificate } from 'node:crypto';
import type { Health } from '#health';

/** An alarm so long before a certificate ends. */
const warnBeforeMs = 30 * 86_400_000;

/** Says how long the agent's certificate still holds. Text that is no certificate says nothing. */
export function tellCertificate(health: Pick<Health, 'report'>, certificatePem: string, nowMs: number): void {
  let endsMs: number;
  try {
    endsMs = Date.parse(new X509Certificate(certificatePem).validTo);
  } catch {
    return;
  }
  const day = new Date(endsMs).toISOString().slice(0, 10);
  const message =
    endsMs <= nowMs ? `The agent’s certificate ended on ${day}.` : `The agent’s certificate ends on ${day}.`;
  health.report({ kind: 'certificate', ok: endsMs - nowMs > warnBeforeMs, message });
}
