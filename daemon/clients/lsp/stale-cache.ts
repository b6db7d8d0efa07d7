import type { Client } from '../client/request.ts';

/** Where the service could not say, it is asked again after this long. */
const soonMs = 2000;
const maxKept = 1000;

interface Answer<T> {
  /** As it was known last; undefined before the first answer. */
  value: T | undefined;
  asked: 'never' | 'waits' | 'done';
}

export interface Asking<T> {
  client: () => Client | undefined;
  ask: (client: Client, key: string) => Promise<T>;
  /** Events come in crowds: what they outdate is asked for again when so much time has passed. */
  againMs: number;
  /** Told of each answer that differs from the one before. */
  changed: () => void;
}

/**
 * Answers of the service by a key. What was known last is given at once, and where it may be outdated it is asked for again
 * in the background, one after another: a request of the editor never waits.
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

  /** These are asked for again when somebody wants them next. */
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

  /** Not by itself: only where somebody wants it still. */
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
