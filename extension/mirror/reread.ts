/** Reads something again soon after it became stale: once for all messages that arrive in the meantime, and never twice at a time. */
export class Reread {
  readonly #read: () => Promise<void>;
  readonly #afterMs: number;
  #timer: NodeJS.Timeout | undefined;
  #isReading = false;

  /** `read` handles its own failures. */
  constructor(read: () => Promise<void>, afterMs: number) {
    this.#read = read;
    this.#afterMs = afterMs;
  }

  soon(): void {
    this.#timer ??= setTimeout(() => this.#now(), this.#afterMs);
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #now(): void {
    this.#timer = undefined;
    if (this.#isReading) return this.soon();
    this.#isReading = true;
    void this.#read().finally(() => (this.#isReading = false));
  }
}
