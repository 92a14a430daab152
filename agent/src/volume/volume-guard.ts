/** Knows whether the disk under a volume's root is still the one that belongs there. */
export interface VolumeGuard {
  /** Rejects with what `toTroubleError` makes when it is not. */
  verify(): Promise<void>;
  /** Whether a file system's number is that of the disk last verified. */
  isSame(device: number): boolean;
}
