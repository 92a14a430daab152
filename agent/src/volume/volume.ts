import type { VolumeId } from '@porchlight/contract/storage';

/** A file being written. Bytes are appended; nothing is durable before `sync` has returned. */
export interface VolumeFile {
  /** Below the volume's root, with `/`. */
  readonly path: string;
  /** The volume it lies on, where there may be several. */
  readonly volume?: VolumeId;
  /** Appends all parts in order, as one gathered write where the system can. Parts are neither copied nor changed; they must stay as they are until the promise settles. Rejects after a partial write with part of the bytes in the file. One call at a time. */
  write(parts: readonly Uint8Array[]): Promise<void>;
  /** Bytes that have been written, fewer at its end; synchronous, for those who ask for what was written a moment ago. */
  readBack(offsetBytes: number, lengthBytes: number): Uint8Array;
  /** Cuts the file; later writes go on at its new end. */
  truncate(sizeBytes: number): Promise<void>;
  /** What has been written survives a power cut once this has returned. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** A file being read. Reading at or past the end gives fewer bytes than asked for. */
export interface VolumeReader {
  readonly sizeBytes: number;
  /** Synchronous, for parsers that pull. */
  readAt(offsetBytes: number, lengthBytes: number): Uint8Array;
  read(offsetBytes: number, lengthBytes: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export type CreateOptions = { readonly nameLater?: boolean };

export type VolumeEntry = { readonly name: string; readonly folder: boolean; readonly sizeBytes: number };

/**
 * Where footage lies: a tree of files below one root. Paths are relative, with `/`, and may not leave the root.
 * Missing files reject with `HouseError` `not-found`, a full disk with `unavailable` and `isVolumeFull`.
 */
export interface Volume {
  /**
   * A new file for writing, folders made as needed and their entries synced. Rejects with `conflict` when it exists. With `nameLater` nothing waits for
   * the disk: the names of the file and of folders made for it are durable only after `syncFolder`.
   */
  create(path: string, options?: CreateOptions): Promise<VolumeFile>;
  /** An existing file, to be cut or written on at its end. */
  openFile(path: string): Promise<VolumeFile>;
  openReader(path: string): Promise<VolumeReader>;
  /** Makes the names in a folder durable, and those of folders made for it. */
  syncFolder(path: string): Promise<void>;
  /** A missing file is no error. */
  remove(path: string): Promise<void>;
  /** Removes a folder with all it holds; a missing one is no error. */
  removeFolder(path: string): Promise<void>;
  /** Within the volume; makes the target's folders. */
  move(from: string, to: string): Promise<void>;
  /** Entries of a folder by name; none when it is missing. */
  list(path: string): Promise<VolumeEntry[]>;
  /** What this process may still write, and the size of the whole. */
  space(): Promise<{ freeBytes: number; totalBytes: number }>;
}
