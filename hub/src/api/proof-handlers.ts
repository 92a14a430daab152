import type { Handlers } from './handlers.ts';
import type { ApiParts } from './parts.ts';

/** What the hub has written down about a camera. Also of cameras that are no longer there: their footage may be. */
export function proofHandlers(parts: ApiParts): Pick<Handlers, 'getProof'> {
  return {
    async getProof({ params, query }) {
      const { from: fromMs, to: toMs } = query;
      return parts.witness.state(params.id, { fromMs, toMs });
    },
  };
}
