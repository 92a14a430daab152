import type { Access } from '@porchlight/contract/endpoints';
import type { CameraId } from '@porchlight/contract/ids';

/** Who asks, as far as policy cares. */
export type Caller =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'person'; readonly userId: string; readonly sessionId: string; readonly role: 'owner' }
  /** The owner of the data folder, by its `local.token`. */
  | { readonly kind: 'machine-owner'; readonly userId: 'local'; readonly sessionId: 'local' }
  /** A metrics reader, by `metrics.token`. */
  | { readonly kind: 'metrics-reader' };

export type Decision = 'allow' | 'unauthenticated' | 'forbidden';

/** A wish: what access the endpoint asks for, and on which camera if it names one. */
export type Wish = { readonly access: Access; readonly camera?: CameraId };

/**
 * May this caller do this now. Denied unless a line here allows it: anyone what is open, a metrics reader the metrics, owners all. Whoever is not
 * known is told to sign in, not whether the thing exists.
 */
export function decide(caller: Caller, wish: Wish): Decision {
  if (wish.access === 'open') return 'allow';
  switch (caller.kind) {
    case 'nobody':
      return 'unauthenticated';
    case 'metrics-reader':
      return wish.access === 'metrics' ? 'allow' : 'forbidden';
    case 'machine-owner':
      return 'allow';
    case 'person':
      return caller.role === 'owner' ? 'allow' : 'forbidden';
    default:
      return 'forbidden';
  }
}
