import type { Client } from '../client/request.ts';

/** Retry delay after a failed request, ms. */
const soonMs = 2000;
const maxKept = 1000;

interface Answer<T> {
  /** Last known value; undefined before the first reply. */
  value: T | undefined;
  asked: 'never' | 'waits' | 'done';
}

export interface Asking<T> {
  client: () => Client | undefined;
  ask: (client: Client, key: string) => Promise<T>;
  /** Least time between two requests for a key: events come in groups, and each makes it stale. */
  againMs: number;
  /** Called with each reply that differs from the one before. */
  changed: () => void;
}

/**
 * Caches replies of the service by key. Returns the last known value immediately; a stale one is requested again in the
 * background, one request after another, so that the editor never waits.
 */
export class StaleCache<T> {
  readonly #asking: Asking<T>;
  readonly #answers = new Map<string, Answer<T>>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(asking: Asking<T>) {
    this.#asking = asking;
  }

  get(key: string): T | undefined {
    const answer = this.#answers.get(key) ?? { value: undefined, asked: 'never' };
    this.#keep(key, answer);
    if (answer.asked === 'never') this.#askFor(key, answer, answer.value === undefined ? 0 : this.#asking.againMs);
    return answer.value;
  }

  /** Marks values as stale. Each is requested again when it is next used. */
  outdate(isMeant: (key: string) => boolean): void {
    for (const [key, answer] of this.#answers) if (answer.asked === 'done' && isMeant(key)) answer.asked = 'never';
  }

  #askFor(key: string, answer: Answer<T>, afterMs: number): void {
    answer.asked = 'waits';
    setTimeout(() => {
      this.#last = this.#last.then(() => this.#ask(key, answer));
    }, afterMs).unref();
  }

  async #ask(key: string, answer: Answer<T>): Promise<void> {
    const client = this.#asking.client();
    if (client) answer.asked = 'done';
    try {
      const value = client && (await this.#asking.ask(client, key));
      if (!client) return this.#later(answer);
      const isNew = JSON.stringify(value) !== JSON.stringify(answer.value);
      answer.value = value;
      if (isNew) this.#asking.changed();
    } catch {
      this.#later(answer);
    }
  }

  /** Allows another request after a delay, if the value is still used. */
  #later(answer: Answer<T>): void {
    answer.asked = 'waits';
    setTimeout(() => (answer.asked = 'never'), soonMs).unref();
  }

  #keep(key: string, answer: Answer<T>): void {
    this.#answers.delete(key);
    this.#answers.set(key, answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > maxKept && oldest !== undefined) this.#answers.delete(oldest);
  }
}
