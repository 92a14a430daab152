import type { CameraId } from '@porchlight/contract/ids';
import type { DeletionRule } from '@porchlight/contract/proof';
import type { ChainStore } from './chain-store.ts';

type Segment = { readonly id: number };

/** What the index calls when something happens to a closed segment, within the transaction that does it. */
export function toChainHooks(chain: ChainStore) {
  return {
    onClosed: ({ id }: Segment): void => chain.noteSegment(id, 'as-written'),
    onHashed: ({ id }: Segment): void => chain.noteSegment(id, 'read-back'),
    onDeleted: ({ id }: Segment, rule: DeletionRule): void => chain.noteDeleted(id, rule),
    onThinned: ({ id }: Segment, before: { readonly path: string }): void => chain.noteThinned(id, before.path),
    onCleared: (camera: CameraId, rule: DeletionRule): void => chain.noteCleared(camera, rule),
  };
}
