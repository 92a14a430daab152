/** A file or a row that is not as it should be. */
export type Oddity = { readonly path: string; readonly volume: string; readonly detail?: string };

/** What a check of an archive found. The lists are whole; nothing in them is the machine's own path. */
export type FsckReport = {
  readonly v: 1;
  readonly checkedMs: number;
  /** An agent is using it: what is being recorded now is passed over. */
  readonly running: boolean;
  readonly volumes: readonly { readonly id: string; readonly there: boolean }[];
  readonly segments: number;
  readonly files: number;
  readonly sizeBytes: number;
  /** Rows of files that were being written when the agent ended. */
  readonly leftOpen: readonly Oddity[];
  /** Recordings that the index does not know. */
  readonly withoutRow: readonly Oddity[];
  /** Rows whose file is gone. */
  readonly withoutFile: readonly Oddity[];
  /** Files that are longer or shorter than recorded. */
  readonly otherSize: readonly Oddity[];
  /** Files that are no recordings of ours. */
  readonly unknown: readonly Oddity[];
  /** Files whose SHA-256 is not the recorded one; only looked at with `--deep`. */
  readonly otherHash: readonly Oddity[];
  /** Where the chain of facts does not hold; only looked at with `--deep`. */
  readonly chain: readonly string[];
  /** So much is missing at once that a disk is probably not there: nothing is taken for lost. */
  readonly alarming: boolean;
};

export const kinds = ['leftOpen', 'withoutRow', 'withoutFile', 'otherSize', 'unknown', 'otherHash'] as const;
const words: Readonly<Record<(typeof kinds)[number], string>> = {
  leftOpen: 'left open when the agent ended',
  withoutRow: 'recordings that the index does not know',
  withoutFile: 'recordings whose file is gone',
  otherSize: 'files that are longer or shorter than recorded',
  unknown: 'files that are no recordings',
  otherHash: 'files whose content is not the recorded one',
};
const shown = 20;

/** True when nothing is odd. */
export function isClean(report: FsckReport): boolean {
  return report.chain.length === 0 && !report.alarming && kinds.every((kind) => report[kind].length === 0);
}

/** The report for people. */
export function writeReport(report: FsckReport): string {
  const { segments, files, sizeBytes, volumes, running } = report;
  const lines = [`${segments} recordings in the index, ${files} files, ${toGigabytes(sizeBytes)}.`];
  if (running) lines.push('An agent is recording: what it has open now was passed over.');
  for (const { id } of volumes.filter(({ there }) => !there)) lines.push(`The volume ${id} is not there.`);
  for (const kind of kinds) {
    const found = report[kind];
    if (found.length === 0) continue;
    lines.push(`${found.length} ${words[kind]}:`);
    for (const { path, detail } of found.slice(0, shown))
      lines.push(`  ${path}${detail === undefined ? '' : ` (${detail})`}`);
    if (found.length > shown) lines.push(`  … and ${found.length - shown} more; --json lists all`);
  }
  for (const text of report.chain) lines.push(`The record does not hold: ${text}.`);
  if (report.alarming) {
    lines.push('Much is missing at once: a disk is probably not there. Nothing is taken for lost until it is back.');
  }
  if (isClean(report)) lines.push('Files and index agree.');
  return `${lines.join('\n')}\n`;
}

function toGigabytes(sizeBytes: number): string {
  return sizeBytes < 1e9 ? `${(sizeBytes / 1e6).toFixed(1)} MB` : `${(sizeBytes / 1e9).toFixed(1)} GB`;
}
