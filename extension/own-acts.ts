import type { Notice } from '../daemon/protocol/routes/webhooks.ts';

/** A refusal comes on the stream about when its request ends. */
const refusalWithinMs = 2000;
const maxRemembered = 200;

/** Requests for changes that this window sent, by which its own acts are told from those of others. */
export class OwnActs {
  readonly #underWay = new Set<{ model: string | undefined }>();
  #events: number[] = [];
  #refused: { model: string | undefined; at: number }[] = [];

  /** Sends a request, and remembers the event that it made. */
  async follow<T>(request: object, send: () => Promise<T>): Promise<T> {
    const model = 'model' in request && typeof request.model === 'string' ? request.model : undefined;
    const act = { model };
    this.#underWay.add(act);
    try {
      const reply = await send();
      const seq: unknown = typeof reply === 'object' && reply !== null && 'seq' in reply ? reply.seq : undefined;
      if (typeof seq === 'number') this.#events = [...this.#events, seq].slice(-maxRemembered);
      return reply;
    } catch (error) {
      this.#refused = [...this.#refused, { model, at: Date.now() }].slice(-maxRemembered);
      throw error;
    } finally {
      this.#underWay.delete(act);
    }
  }

  /** True if a notice is about an act of this window, as far as that is known now: the reply may still be under way. */
  has({ event, model }: Pick<Notice, 'event' | 'model'>): boolean {
    const isAbout = (one: { model: string | undefined }): boolean => one.model === undefined || one.model === model;
    if ([...this.#underWay].some(isAbout)) return true;
    if (event !== null) return this.#events.includes(event);
    return this.#refused.some((one) => isAbout(one) && Date.now() - one.at < refusalWithinMs);
  }
}
