import { statAt } from '../../runtime/file-reader.ts';

interface Finding<T> {
  fingerprint: string;
  value: T;
  /** True where the finding holds for the file as such, however it grows. */
  forFile: boolean;
}

/** Findings that are kept. The oldest are dropped first; their files are inspected again when needed. */
const maxFindings = 50_000;

/** Keeps what recognisers found in files, for as long as each file does not change. */
export class FileFindings<T> {
  readonly #findings = new Map<string, Finding<T>>();

  put(recogniser: string, path: string, value: T, forFile = false): void {
    const key = keyOf(recogniser, path);
    this.#findings.delete(key);
    this.#findings.set(key, { fingerprint: fingerprintOf(path, forFile), value, forFile });
    const oldest = this.#findings.keys().next();
    if (this.#findings.size > maxFindings && !oldest.done) this.#findings.delete(oldest.value);
  }

  get(recogniser: string, path: string): T | undefined {
    if (this.#findings.size === 0) return undefined;
    const key = keyOf(recogniser, path);
    const finding = this.#findings.get(key);
    if (finding === undefined || finding.fingerprint === fingerprintOf(path, finding.forFile)) return finding?.value;
    this.#findings.delete(key);
    return undefined;
  }
}

function keyOf(recogniser: string, path: string): string {
  return `${recogniser}\0${path}`;
}

function fingerprintOf(path: string, forFile: boolean): string {
  const stats = statAt(path);
  if (!stats) return '';
  return forFile ? String(stats.ino) : `${stats.size}:${stats.mtimeMs}:${stats.ino}`;
}
