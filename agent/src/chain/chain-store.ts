import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { toCertificateDigest, type Signer } from '@porchlight/base/signing';
import type { StreamName } from '@porchlight/contract/camera';
import type { CameraId } from '@porchlight/contract/ids';
import {
  signedHeadSchema,
  signedReceiptSchema,
  toCanonicalText,
  toTombstoneText,
  type ChainEntry,
  type ChainPlace,
  type DeletionRule,
  type Fact,
  type SignedHead,
  type SignedReceipt,
} from '@porchlight/contract/proof';
import { chainSchema, factRowSql, type FactRow } from './chain-schema.ts';
import { goesOn, toFirstLink, toLinkBefore, toNextLink, toTextDigest } from './digest.ts';
import { findGaps } from './gap-facts.ts';

/** An entry with the link behind it. */
export type LinkedFact = {
  readonly fact: Fact;
  readonly link: string;
  readonly signature: string | undefined;
  readonly key: string | undefined;
};
export type HeadRow = {
  readonly camera: CameraId;
  readonly seq: number;
  readonly signed: SignedHead;
  readonly receipt: SignedReceipt | undefined;
};

type Row = Record<string, unknown>;

/**
 * Chains of facts, one per camera, in the index's own database. Appending takes part in whatever transaction is open, so that a fact and the
 * row it speaks of are one write. Used by the main thread only.
 */
export class ChainStore {
  readonly #db: DatabaseSync;
  readonly #nowMs: () => number;
  readonly #statements = new Map<string, StatementSync>();
  #signer: Signer | undefined;

  /** Makes its tables beside those of the index, where they may be written. */
  constructor(db: DatabaseSync, nowMs: () => number, readOnly = false) {
    this.#db = db;
    this.#nowMs = nowMs;
    if (!readOnly) db.exec(chainSchema);
  }

  /** Over tables that are there. */
  static openForReading(db: DatabaseSync): ChainStore {
    return new ChainStore(db, () => 0, true);
  }

  /** Signs tombstones and heads from now on. */
  setSigner(signer: Signer): void {
    this.#signer = signer;
    this.putCertificate(signer.key, signer.certificatePem, 'agent');
  }

  get signer(): Signer | undefined {
    return this.#signer;
  }

  /** The segment is closed and its hash known: its fact, once. Nothing while either is missing. */
  noteSegment(segment: number, hashed: 'as-written' | 'read-back'): void {
    const row = this.#sql(factRowSql).get(segment) as FactRow | undefined;
    if (row === undefined || row.sha256 === null || row.seq !== null) return;
    this.#noteRow(segment, row, { hashed });
  }

  /** The segment's row has a smaller file now, made from the one its fact speaks of: a tombstone for that, a new fact. */
  noteThinned(segment: number, beforePath: string): void {
    const row = this.#sql(factRowSql).get(segment) as FactRow | undefined;
    if (row === undefined) return;
    this.noteDeleted(segment, 'thinned', beforePath);
    this.#sql('delete from chain_of where segment = ?').run(segment);
    if (row.sha256 === null) return;
    this.#noteRow(segment, row, { hashed: 'read-back', ...(row.seq === null ? {} : { derivedFrom: row.seq }) });
  }

  /** To be called before the segment's row goes. An open segment leaves nothing: it has said nothing yet. */
  noteDeleted(segment: number, rule: DeletionRule, path?: string): void {
    const row = this.#sql(factRowSql).get(segment) as FactRow | undefined;
    if (row === undefined) return;
    const { startMs: fromMs, endMs: toMs, seq } = row;
    const place = { stream: row.stream as StreamName, path: path ?? row.path, fromMs, toMs };
    this.#append(row.camera as CameraId, { kind: 'tombstone', rule, ...place, ...(seq === null ? {} : { of: seq }) });
  }

  /** All that the camera has recorded so far goes. */
  noteCleared(camera: CameraId, rule: DeletionRule): void {
    if (this.findEnd(camera) !== undefined) this.#append(camera, { kind: 'cleared', rule });
  }

  /** The chain here is not the one that was seen elsewhere: says so in the chain and goes on above it. */
  noteBroken(camera: CameraId, reason: 'index-rebuilt' | 'index-older' | 'rolled-back', before?: ChainPlace): void {
    const what = { kind: 'begun', reason, ...(before === undefined ? {} : { before }) } as const;
    const end = this.findEnd(camera);
    const seq = Math.max(end?.seq ?? 0, before?.seq ?? 0) + 1;
    this.#put(camera, { v: 1, camera, seq, atMs: this.#nowMs(), what });
  }

  #noteRow(segment: number, row: FactRow, more: { hashed: 'as-written' | 'read-back'; derivedFrom?: number }): void {
    const { startMs: fromMs, endMs: toMs, startTicks, durationTicks, clockRateHz, sizeBytes, frames } = row;
    const { path, run, codec, initHash, packetsLost } = row;
    const gaps = findGaps((text) => this.#sql(text), row);
    const seq = this.#append(row.camera as CameraId, {
      kind: 'segment',
      stream: row.stream as StreamName,
      ...{ path, run, fromMs, toMs, startTicks, durationTicks, clockRateHz, sizeBytes, frames, packetsLost },
      ...{ codec, initHash, sha256: row.sha256!, ...more },
      ...(gaps.length === 0 ? {} : { gaps }),
    });
    this.tie(row.camera as CameraId, seq, segment);
  }

  #append(camera: CameraId, what: Fact['what']): number {
    const atMs = this.#nowMs();
    const end = this.findEnd(camera);
    if (end === undefined) this.#put(camera, { v: 1, camera, seq: 1, atMs, what: { kind: 'begun', reason: 'new' } });
    const seq = (end?.seq ?? 1) + 1;
    this.#put(camera, { v: 1, camera, seq, atMs, what });
    return seq;
  }

  #put(camera: CameraId, fact: Fact): void {
    const body = toCanonicalText(fact);
    const digest = toTextDigest(body);
    const link = toNextLink(toLinkBefore(fact, this.findEnd(camera)), digest);
    const buried = fact.what.kind === 'tombstone' || fact.what.kind === 'cleared';
    const signature = buried ? this.#signer?.sign(toTombstoneText(digest)) : undefined;
    this.#insert(camera, fact.seq, { body, link, signature, key: signature && this.#signer?.key });
  }

  #insert(
    camera: CameraId,
    seq: number,
    row: { body: string; link: string; signature: string | undefined; key: string | undefined },
  ): void {
    const text = 'insert into chain (camera, seq, body, link, signature, key) values (?, ?, ?, ?, ?, ?)';
    this.#sql(text).run(camera, seq, row.body, row.link, row.signature ?? null, row.key ?? null);
  }

  /** Where the camera's chain ends; undefined when it has none. */
  findEnd(camera: CameraId): ChainPlace | undefined {
    const row = this.#sql('select seq, link from chain where camera = ? order by seq desc limit 1').get(camera);
    return row as ChainPlace | undefined;
  }

  /** The first number that is still here; 1 unless the beginning has been forgotten. */
  findFirstSeq(camera: CameraId): number {
    return Number(this.#sql('select min(seq) as seq from chain where camera = ?').get(camera)?.['seq'] ?? 1);
  }

  /** Cameras that have a chain, one look-up each however long the chains are. */
  listCameras(): CameraId[] {
    const text = `with recursive found (camera) as (select min(camera) from chain union all
      select (select min(camera) from chain where camera > found.camera) from found where found.camera is not null)
      select camera from found where camera is not null`;
    return this.#sql(text)
      .all()
      .map((row) => row['camera'] as CameraId);
  }

  /** Entries after `afterSeq`, up to `toSeq`. */
  list(camera: CameraId, afterSeq: number, toSeq: number): LinkedFact[] {
    return this.#sql(
      'select body, link, signature, key from chain where camera = ? and seq > ? and seq <= ? order by seq',
    )
      .all(camera, afterSeq, toSeq)
      .map(toLinkedFact);
  }

  find(camera: CameraId, seq: number): LinkedFact | undefined {
    const row = this.#sql('select body, link, signature, key from chain where camera = ? and seq = ?').get(camera, seq);
    return row && toLinkedFact(row);
  }

  /** The number of the fact that speaks of a segment. */
  findSeq(segment: number): number | undefined {
    const row = this.#sql('select seq from chain_of where segment = ?').get(segment);
    return row === undefined ? undefined : Number(row['seq']);
  }

  /** The last link at or before a number: numbers may be left out where a chain was broken. */
  findPlaceBefore(camera: CameraId, seq: number): ChainPlace {
    const row = this.#sql('select seq, link from chain where camera = ? and seq < ? order by seq desc limit 1').get(
      camera,
      seq,
    ) as ChainPlace | undefined;
    return row ?? { seq: 0, link: toFirstLink(camera) };
  }

  /** An entry that came from somewhere else (a chain file): it must go on from the end. False when it does not. */
  adoptEntry(camera: CameraId, entry: Exclude<ChainEntry, { digest: string }>): boolean {
    const end = this.findEnd(camera);
    const { fact, signature, key } = entry;
    const body = toCanonicalText(fact);
    if (fact.camera !== camera || !goesOn(fact, end)) return false;
    const link = toNextLink(toLinkBefore(fact, end), toTextDigest(body));
    this.#insert(camera, fact.seq, { body, link, signature, key });
    return true;
  }

  /** The segment is the one that a fact speaks of. */
  tie(camera: CameraId, seq: number, segment: number): void {
    this.#sql('insert or replace into chain_of (camera, seq, segment) values (?, ?, ?)').run(camera, seq, segment);
  }

  putHead(signed: SignedHead): void {
    const { camera, seq } = signed.head;
    this.#sql('insert or ignore into chain_head (camera, seq, signed) values (?, ?, ?)').run(
      camera,
      seq,
      JSON.stringify(signed),
    );
  }

  /** False for a head that is not ours. */
  putReceipt(signed: SignedReceipt): boolean {
    const { camera, seq, link } = signed.receipt;
    if (this.listHeads(camera, seq, 1)[0]?.signed.head.link !== link) return false;
    const text = 'update chain_head set receipt = ?, saved = min(saved, 1) where camera = ? and seq = ?';
    return Number(this.#sql(text).run(JSON.stringify(signed), camera, seq).changes) > 0;
  }

  findLastHead(camera: CameraId): HeadRow | undefined {
    const row = this.#sql(`select ${headColumns} from chain_head where camera = ? order by seq desc limit 1`).get(
      camera,
    );
    return row && toHeadRow(row);
  }

  /** Heads at or after a number, oldest first. */
  listHeads(camera: CameraId, fromSeq: number, limit: number): HeadRow[] {
    const text = `select ${headColumns} from chain_head where camera = ? and seq >= ? order by seq limit ?`;
    return this.#sql(text).all(camera, fromSeq, limit).map(toHeadRow);
  }

  /** Heads that nobody has confirmed, oldest first per camera. */
  listWaitingHeads(limit: number): HeadRow[] {
    const text = `select ${headColumns} from chain_head where receipt is null order by camera, seq limit ?`;
    return this.#sql(text).all(limit).map(toHeadRow);
  }

  /** The head is in the chain file (1), and its receipt as well (2). */
  noteSaved(camera: CameraId, seq: number, saved: 1 | 2): void {
    this.#sql('update chain_head set saved = ? where camera = ? and seq = ?').run(saved, camera, seq);
  }

  /** Heads whose receipt has come since they were saved. */
  listUnsavedReceipts(camera: CameraId): HeadRow[] {
    const text = `select ${headColumns} from chain_head where camera = ? and saved = 1 and receipt is not null order by seq`;
    return this.#sql(text).all(camera).map(toHeadRow);
  }

  /** Where the chain file ends. */
  findSavedSeq(camera: CameraId): number {
    const row = this.#sql('select max(seq) as seq from chain_head where camera = ? and saved > 0').get(camera);
    return Number(row?.['seq'] ?? 0);
  }

  putCertificate(key: string, pem: string, role: 'agent' | 'witness' | 'house'): void {
    this.#sql('insert or ignore into chain_certificate (key, pem, role) values (?, ?, ?)').run(key, pem, role);
  }

  /** The same, where only the certificate is known. What is none is passed over. */
  putCertificateText(pem: string, role: 'agent' | 'witness' | 'house'): void {
    try {
      this.putCertificate(toCertificateDigest(pem), pem, role);
    } catch {
      return; // no certificate
    }
  }

  listCertificates(): { key: string; pem: string; role: 'agent' | 'witness' | 'house' }[] {
    return this.#sql('select key, pem, role from chain_certificate order by key').all() as never;
  }

  /**
   * Forgets facts that lie in the chain file and that no footage kept speaks of any more: the beginning of the chain up to the last saved
   * head before the oldest fact still needed. Gives how many.
   */
  prune(camera: CameraId): number {
    const needed = this.#sql('select min(seq) as seq from chain_of where camera = ?').get(camera);
    const neededSeq = Number(needed?.['seq'] ?? this.findEnd(camera)?.seq ?? 0);
    const heads = 'select max(seq) as seq from chain_head where camera = ? and saved > 0 and seq < ?';
    const head = this.#sql(heads).get(camera, neededSeq);
    // Without a key there are no heads and no file: what no footage needs is of no use to anybody.
    const upTo = this.#signer === undefined ? neededSeq - 1 : Number(head?.['seq'] ?? 0);
    // The head's own fact stays: what comes next is linked to it.
    this.#sql('delete from chain_head where camera = ? and seq < ?').run(camera, upTo);
    return Number(this.#sql('delete from chain where camera = ? and seq < ?').run(camera, upTo).changes);
  }

  #sql(text: string): StatementSync {
    let statement = this.#statements.get(text);
    if (statement === undefined) this.#statements.set(text, (statement = this.#db.prepare(text)));
    return statement;
  }
}

const headColumns = 'camera, seq, signed, receipt';

function toLinkedFact(row: Row): LinkedFact {
  return {
    fact: JSON.parse(row['body'] as string) as Fact,
    link: row['link'] as string,
    signature: (row['signature'] as string | null) ?? undefined,
    key: (row['key'] as string | null) ?? undefined,
  };
}

function toHeadRow(row: Row): HeadRow {
  const receipt = row['receipt'] as string | null;
  return {
    camera: row['camera'] as CameraId,
    seq: Number(row['seq']),
    signed: signedHeadSchema.parse(JSON.parse(row['signed'] as string)),
    receipt: receipt === null ? undefined : signedReceiptSchema.parse(JSON.parse(receipt)),
  };
}
