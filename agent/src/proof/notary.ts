import { X509Certificate } from 'node:crypto';
import { isWitnessOf, signHead, type ChainStore } from '#chain';
import type { Volume } from '#volume';
import type { Clock, Timer } from '@porchlight/base/clock';
import type { Log } from '@porchlight/base/log';
import { isSignedBy, openSigner, toCertificateDigest } from '@porchlight/base/signing';
import type { AgentId, CameraId } from '@porchlight/contract/ids';
import {
  toStatementText,
  witnessedSchema,
  type Heads,
  type SignedReceipt,
  type Witnessed,
} from '@porchlight/contract/proof';
import { appendChainLines, findLastHead, listChainCameras, toChainPath, type ChainLine } from './chain-file.ts';

/** Who the agent is to its house. */
export type NotaryIdentity = {
  readonly agentId: AgentId;
  readonly privateKeyPem: string;
  readonly certificatePem: string;
  readonly caPem: string;
};

export type NotaryOptions = {
  readonly chain: ChainStore;
  readonly volume: Volume;
  readonly clock: Clock;
  readonly log: Log;
  /** Hands the hub what it has not confirmed yet; lost while there is no connection, so it is handed over again. */
  send(body: Heads['body']): void;
};

/** Seals the chains: signs how far they have come, writes them beside the footage, shows them to the hub. */
export type Notary = {
  /** Who signs; undefined until there is a hub. */
  readonly agentId: AgentId | undefined;
  /** The key to sign with from now on. */
  setIdentity(identity: NotaryIdentity): void;
  /** The hub is reached: hands over what it has not confirmed. */
  sayWaiting(): void;
  /** What the hub says it has written down. */
  take(payload: Uint8Array): void;
  /** Signs, saves and shows what is new; every hour, and by itself when the agent ends. Never rejects. */
  seal(cameras?: readonly CameraId[]): Promise<void>;
  close(): Promise<void>;
};

const hourMs = 3_600_000;
const mostHeads = 1_000;
/** About 600 bytes each, so that a message stays below IoT Core's 128 kB. */
const headsPerMessage = 150;
const linesAtOnce = 2_000;
/** After a start the end of the run before is sealed soon: a power cut does not wait for the hour. */
const firstSealMs = 60_000;
const closingMs = 1_500;

/** Opens the notary and compares the chains with the files beside the footage: an index from a backup goes on above them. */
export async function openNotary(options: NotaryOptions): Promise<Notary> {
  await resume(options);
  return new HourlyNotary(options);
}

class HourlyNotary implements Notary {
  readonly #options: NotaryOptions;
  #identity: NotaryIdentity | undefined;
  #timer: Timer | undefined;
  #sealing: Promise<void> = Promise.resolve();
  #closed = false;
  /** An agent that ends has a few seconds for everything; what is not sealed then is a minute after its next start. */
  #untilMs = Infinity;

  constructor(options: NotaryOptions) {
    this.#options = options;
    this.#timer = options.clock.after(firstSealMs, () => {
      this.#waitForHour();
      void this.seal();
    });
  }

  /** On the whole hour, so that heads of all agents of a house can be laid side by side. */
  #waitForHour(): void {
    const { clock } = this.#options;
    this.#timer = clock.after(hourMs - (clock.nowMs() % hourMs), () => {
      this.#waitForHour();
      void this.seal();
    });
  }

  get agentId(): AgentId | undefined {
    return this.#identity?.agentId;
  }

  setIdentity(identity: NotaryIdentity): void {
    this.#identity = identity;
    const { chain } = this.#options;
    chain.setSigner(openSigner(identity));
    chain.putCertificate(toCertificateDigest(identity.caPem), identity.caPem, 'house');
  }

  sayWaiting(): void {
    if (this.#identity === undefined || this.#closed) return;
    const { chain } = this.#options;
    const pems = new Map(chain.listCertificates().map(({ key, pem }) => [key, pem]));
    const waiting = chain.listWaitingHeads(mostHeads).map(({ signed }) => signed);
    for (const [key, heads] of Map.groupBy(waiting, ({ head }) => head.key)) {
      const certificatePem = pems.get(key);
      if (certificatePem === undefined) continue;
      for (let from = 0; from < heads.length; from += headsPerMessage) {
        this.#options.send({ certificatePem, heads: heads.slice(from, from + headsPerMessage) });
      }
    }
  }

  take(payload: Uint8Array): void {
    const { log } = this.#options;
    const parsed = witnessedSchema.safeParse(parseJson(payload));
    if (!parsed.success) return log.warn('dropped what the witness said: it makes no sense');
    const { receipts, conflicts } = parsed.data.body;
    const witnesses = this.#keepCertificates(parsed.data.body.certificates);
    let taken = 0;
    for (const receipt of receipts) if (this.#keepReceipt(receipt, witnesses)) taken++;
    this.#heedConflicts(conflicts);
    if (taken > 0 && this.#options.chain.listWaitingHeads(1).length > 0) this.sayWaiting();
  }

  #keepCertificates(pems: readonly string[]): X509Certificate[] {
    const { chain, log } = this.#options;
    const house = this.#identity && new X509Certificate(this.#identity.caPem);
    return pems.flatMap((pem) => {
      try {
        const certificate = new X509Certificate(pem);
        if (house === undefined || !isWitnessOf(certificate, house)) return [];
        chain.putCertificate(toCertificateDigest(pem), pem, 'witness');
        return [certificate];
      } catch (error) {
        log.warn('dropped a certificate that is none', { error });
        return [];
      }
    });
  }

  #keepReceipt(signed: SignedReceipt, witnesses: readonly X509Certificate[]): boolean {
    const text = toStatementText(signed.receipt);
    const right = witnesses.some((witness) => isSignedBy(witness, text, signed.signature));
    if (!right) this.#options.log.warn('dropped a receipt that no witness of this house has signed');
    return right && this.#options.chain.putReceipt(signed);
  }

  /** The witness knows of more, or of something else. What it has is not to be undone, so the chain says so and goes on above it. */
  #heedConflicts(conflicts: Witnessed['body']['conflicts']): void {
    const { chain, log } = this.#options;
    for (const { camera, known } of conflicts) {
      const own = chain.find(camera, known.seq);
      if (own?.link === known.link || chain.findEnd(camera) === undefined) continue;
      log.error('The record of this camera is not the one that the hub was shown before', { camera, seq: known.seq });
      chain.noteBroken(camera, 'rolled-back', known);
      void this.seal([camera]);
    }
  }

  seal(cameras?: readonly CameraId[]): Promise<void> {
    this.#sealing = this.#sealing.then(async () => {
      if (this.#closed) return;
      const { chain, log } = this.#options;
      try {
        for (const camera of cameras ?? chain.listCameras()) {
          if (this.#options.clock.monotonicMs() < this.#untilMs) await this.#sealCamera(camera);
        }
      } catch (error) {
        log.error('Could not seal the record', { error });
      }
      this.sayWaiting();
    });
    return this.#sealing;
  }

  async #sealCamera(camera: CameraId): Promise<void> {
    const { chain, volume, clock, log } = this.#options;
    const nowMs = clock.nowMs();
    if (this.#identity !== undefined) signHead(chain, { camera, agent: this.#identity.agentId, nowMs });
    try {
      await saveChain({ chain, volume }, camera, nowMs);
      chain.prune(camera);
    } catch (error) {
      log.warn('Could not write the record beside the footage; trying again within the hour', { camera, error });
    }
  }

  async close(): Promise<void> {
    this.#timer?.cancel();
    this.#untilMs = this.#options.clock.monotonicMs() + closingMs;
    await this.seal();
    this.#closed = true;
  }
}

/** Appends to the camera's chain file what it does not have yet: facts up to the last head, heads, receipts. */
async function saveChain(
  { chain, volume }: Pick<NotaryOptions, 'chain' | 'volume'>,
  camera: CameraId,
  nowMs: number,
): Promise<void> {
  const path = toChainPath(camera, nowMs);
  const savedSeq = chain.findSavedSeq(camera);
  const heads = chain.listHeads(camera, savedSeq + 1, linesAtOnce);
  const receipts = chain.listUnsavedReceipts(camera);
  const last = heads.at(-1);
  if (last === undefined && receipts.length === 0) return;
  const lines: ChainLine[] = [];
  for (let from = savedSeq; last !== undefined && from < last.seq;) {
    const entries = chain.list(camera, from, Math.min(last.seq, from + linesAtOnce));
    lines.push(...entries.map(({ fact, signature, key }) => ({ fact, signature, key })));
    from = entries.at(-1)?.fact.seq ?? from + linesAtOnce;
    if (lines.length >= linesAtOnce) await appendChainLines(volume, path, lines.splice(0));
  }
  for (const { pem, role } of chain.listCertificates()) lines.push({ certificate: pem, role });
  lines.push(...heads.map(({ signed }) => signed));
  for (const { receipt } of [...heads, ...receipts]) if (receipt !== undefined) lines.push(receipt);
  await appendChainLines(volume, path, lines);
  for (const head of [...heads, ...receipts]) chain.noteSaved(camera, head.seq, head.receipt === undefined ? 1 : 2);
}

/** A chain that ends before its file does, or that is another one, comes from an older copy of the index, or there was no index. */
async function resume({ chain, volume, log }: NotaryOptions): Promise<void> {
  for (const camera of await listChainCameras(volume).catch(() => [])) {
    try {
      const last = await findLastHead(volume, camera);
      if (last === undefined) continue;
      const { seq, link } = last.head;
      if (chain.find(camera, seq)?.link === link) continue;
      log.error('The index is not the one that this record was written with', { camera, seq });
      chain.noteBroken(camera, chain.findEnd(camera) === undefined ? 'index-rebuilt' : 'index-older', { seq, link });
      chain.putHead(last);
      chain.noteSaved(camera, seq, 2);
    } catch (error) {
      log.warn('Could not compare the record with its file', { camera, error });
    }
  }
}

function parseJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString()) as unknown;
  } catch {
    return undefined;
  }
}
