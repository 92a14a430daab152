import type { Finding } from '#chain';

/** What is said in the end. `open`: nothing speaks against it, but not all of it is proved. */
export type Verdict = 'proved' | 'open' | 'broken';

/** The outcome of a check, for programs and for people. */
export type Verification = {
  readonly v: 1;
  readonly verdict: Verdict;
  /** Sentences. */
  readonly proved: readonly string[];
  readonly notProved: readonly string[];
  readonly broken: readonly string[];
  readonly notes: readonly string[];
  readonly witnesses: readonly string[];
  readonly files: number;
};

/** 0 proved, 1 broken, 3 nothing wrong but not all proved; 2 stays for bad use. */
export const exitCodeOf: Readonly<Record<Verdict, number>> = { proved: 0, broken: 1, open: 3 };

/** Collects sentences, each once. */
export class Sentences {
  readonly proved = new Set<string>();
  readonly notProved = new Set<string>();
  readonly broken = new Set<string>();
  readonly notes = new Set<string>();
  readonly witnesses = new Set<string>();

  take(findings: readonly Finding[]): void {
    const into = { broken: this.broken, unproved: this.notProved, note: this.notes };
    for (const { level, about, text } of findings) into[level].add(`${about}: ${text}`);
  }

  toVerification(files: number): Verification {
    const verdict = this.broken.size > 0 ? 'broken' : this.notProved.size > 0 ? 'open' : 'proved';
    const list = (set: ReadonlySet<string>): string[] => [...set];
    return {
      ...{ v: 1, verdict, files },
      ...{ proved: list(this.proved), notProved: list(this.notProved), broken: list(this.broken) },
      ...{ notes: list(this.notes), witnesses: list(this.witnesses) },
    };
  }
}

const shown = 25;
const opening: Readonly<Record<Verdict, string>> = {
  proved: 'PROVED: everything that was checked holds.',
  open: 'NOT ALL PROVED: nothing speaks against it, but not everything can be shown.',
  broken: 'BROKEN: something here is not what was recorded, or not all of it.',
};

/** The outcome in words. */
export function writeVerification(found: Verification): string {
  const lines: string[] = [opening[found.verdict]];
  const list = (title: string, sentences: readonly string[]): void => {
    if (sentences.length === 0) return;
    lines.push('', title, ...sentences.slice(0, shown).map((sentence) => `  ${sentence}`));
    if (sentences.length > shown) lines.push(`  … and ${sentences.length - shown} more; --json lists all`);
  };
  list('What contradicts:', found.broken);
  list('What is proved:', found.proved);
  list('What is not proved:', found.notProved);
  list('Witnesses:', found.witnesses);
  list('Worth knowing:', found.notes);
  return `${lines.join('\n')}\n`;
}

/** A time as anybody can read it. */
export const toTimeText = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').replace('Z', ' UTC');
