import { ChainStore, toChainHooks } from '#chain';
import { makeExportManifest } from '#playback';
import { openNotary, type Notary } from '#proof';
import { House, makeHouseKeys, midnight, yard } from '#testing';
import { toCertificateDigest } from '@porchlight/base/signing';
import { agentIdSchema, type CameraId } from '@porchlight/contract/ids';
import {
  toStatementText,
  type AuditEntry,
  type Heads,
  type Manifest,
  type Receipt,
  type WitnessStatement,
} from '@porchlight/contract/proof';

export const keys = makeHouseKeys();
const agentId = agentIdSchema.parse('local');
const minuteMs = 60_000;
const identity = {
  agentId,
  privateKeyPem: keys.agent.privateKeyPem,
  certificatePem: keys.agent.certificatePem,
  caPem: keys.housePem,
};
/** Fingerprint of the house. */
export const houseKey = toCertificateDigest(keys.housePem);

/** A hub as agents see it: writes down every head and gives a receipt, as `hub/witness` does. */
export class PaperHub {
  readonly entries: AuditEntry[] = [];
  online = true;
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  take({ heads }: Heads['body']): Uint8Array | undefined {
    if (!this.online) return undefined;
    const receipts = heads.map((head) => {
      const { agent, camera, seq, link } = head.head;
      const atMs = this.#nowMs();
      const entry = this.entries.length + 1;
      const { key } = keys.witness.signer;
      const receipt: Receipt = {
        ...{ v: 1, kind: 'receipt', house: houseKey, agent, camera, seq, link, atMs, entry, key },
      };
      const signed = { receipt, signature: keys.witness.signer.sign(toStatementText(receipt)) };
      this.entries.push({ number: entry, atMs, agent, kind: 'head', head, receipt: signed, link: '' });
      return signed;
    });
    const certificates = [keys.witness.certificatePem, keys.housePem];
    const body = { receipts, conflicts: [], certificates };
    return Buffer.from(JSON.stringify({ v: 1, id: 'm', atMs: 1, body }));
  }

  state(camera: CameraId): WitnessStatement {
    const entries = this.entries.filter(({ head }) => head.head.camera === camera);
    return { camera, house: houseKey, entries, certificates: [keys.witness.certificatePem, keys.housePem] };
  }
}

/** A house whose footage is chained, sealed and witnessed. */
export type WitnessedHouse = Disposable & {
  readonly house: House;
  readonly hub: PaperHub;
  readonly chain: ChainStore;
  readonly notary: Notary;
  record(minutes: number): Promise<void>;
  manifest(fromMs: number, toMs: number): Promise<Manifest>;
  close(): Promise<void>;
};

export async function openWitnessedHouse(options: { signed?: boolean } = {}): Promise<WitnessedHouse> {
  const house = new House({ atMs: midnight });
  const { volume, clock, log } = house;
  const hub = new PaperHub(() => clock.nowMs());
  let chain: ChainStore | undefined;
  house.attach = (store) => {
    chain = new ChainStore(store.db, () => clock.nowMs());
    store.listen(toChainHooks(chain));
  };
  const archive = await house.start();
  const notary: Notary = await openNotary({
    ...{ chain: chain!, volume, clock, log },
    send(body) {
      const answer = hub.take(body);
      if (answer !== undefined) notary.take(answer);
    },
  });
  if (options.signed !== false) notary.setIdentity(identity);
  const record = { chain: chain!, notary };
  return {
    ...{ house, hub, chain: chain!, notary },
    async record(minutes) {
      await house.record(yard, { pictureBytes: 60 }).play(minutes * minuteMs);
      await house.recorder.close();
      await clock.advance(1000);
      await notary.seal();
      await notary.seal(); // the second one writes down the receipts that the first one brought
    },
    manifest: (fromMs, toMs) =>
      makeExportManifest({ archive, volume, clock, log, record }, { camera: yard, stream: 'main', fromMs, toMs }),
    async close() {
      await notary.close();
      await archive.close();
    },
    [Symbol.dispose]: () => house[Symbol.dispose](),
  };
}
