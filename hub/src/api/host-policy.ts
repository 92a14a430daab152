import { Problem } from './problem.ts';

/** Names by which this hub may be called, beside numeric addresses and localhost. */
export type HostPolicy = { readonly names: readonly string[] };

const numeric = /^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/i;

/** Whether a host name is ours. A numeric address cannot be rebound by DNS; of names only known ones count. */
export function isOwnHost(policy: HostPolicy, hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.$/, '');
  return numeric.test(name) || name === 'localhost' || policy.names.some((own) => own.toLowerCase() === name);
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Throws `forbidden` for a request that came by a name that is not ours (DNS rebinding), or that another site's page made: state-changing
 * methods and WebSockets need an `Origin` of our own if there is one, and never `Sec-Fetch-Site: cross-site`.
 */
export function checkOrigin(policy: HostPolicy, request: Request): void {
  const { host, hostname } = new URL(request.url);
  if (!isOwnHost(policy, hostname)) {
    throw new Problem('forbidden', 'This name is not one of the hub’s', {
      reason: 'unknown-host',
      fix: 'Open it as localhost or by its address, or start it with --host NAME.',
    });
  }
  const isUpgrade = request.headers.get('upgrade')?.toLowerCase() === 'websocket';
  if (safeMethods.has(request.method) && !isUpgrade) return;
  const origin = request.headers.get('origin');
  const site = request.headers.get('sec-fetch-site');
  const foreignOrigin = origin !== null && URL.parse(origin)?.host !== host;
  if (foreignOrigin || site === 'cross-site' || site === 'same-site') {
    throw new Problem('forbidden', 'Another site’s page asked for this', {
      reason: 'foreign-origin',
      fix: 'Use Porchlight’s own page.',
    });
  }
}
