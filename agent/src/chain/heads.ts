import type { AgentId, CameraId } from '@porchlight/contract/ids';
import { toStatementText, type Head, type SignedHead } from '@porchlight/contract/proof';
import type { ChainStore } from './chain-store.ts';

/** Signs how far a camera's chain has come; undefined when nothing is new since the last head, or there is no key yet. */
export function signHead(
  chain: ChainStore,
  { camera, agent, nowMs }: { camera: CameraId; agent: AgentId; nowMs: number },
): SignedHead | undefined {
  const { signer } = chain;
  const end = chain.findEnd(camera);
  const last = chain.findLastHead(camera)?.signed.head;
  if (signer === undefined || end === undefined || (last !== undefined && last.seq >= end.seq)) return undefined;
  const head: Head = {
    v: 1,
    kind: 'head',
    agent,
    camera,
    seq: end.seq,
    link: end.link,
    atMs: nowMs,
    ...(last === undefined ? {} : { since: { seq: last.seq, link: last.link } }),
    key: signer.key,
  };
  const signed = { head, signature: signer.sign(toStatementText(head)) };
  chain.putHead(signed);
  return signed;
}
