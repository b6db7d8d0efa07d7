import { messageOf } from '../../daemon/errors.ts';
import type { FromPage } from '../protocol.ts';
import type { PageHost } from './page-host.ts';

/** Reads parts of a model file for one page: the numbers of a tensor, the weights beside a version's, the tokenizer. */
export class FileReading {
  readonly #host: PageHost;
  /** The job that reads one tensor, and the one that compares the file. */
  #tensorJob: string | undefined;
  #fileJob: string | undefined;
  #isClosed = false;

  constructor(host: PageHost) {
    this.#host = host;
  }

  /** Tells the page how far one of its jobs is. The stream also reports jobs of other pages. */
  report(job: string, done: number, total: number): void {
    const isOwn = job === this.#tensorJob || job === this.#fileJob;
    if (isOwn && !this.#isClosed) this.#host.post({ kind: 'tensorProgress', job, done, total });
  }

  /** Stops what is still being read. */
  close(): void {
    this.#isClosed = true;
    void this.#stop(this.#tensorJob);
    void this.#stop(this.#fileJob);
  }

  /** Sends the numbers of a tensor. A person looks at one at a time, so the former reading is stopped. */
  async describe({ path, tensor, job }: FromPage & { kind: 'describeTensor' }): Promise<void> {
    const former = this.#tensorJob;
    this.#tensorJob = job;
    await this.#stop(former);
    // A person may have gone on to another tensor, or closed the page, before this one was begun.
    if (this.#isClosed || this.#tensorJob !== job) return;
    const read = this.#host.call('POST /tensors/describe', { path, tensor, job });
    const sent = await read.then((statistics) => ({ statistics }), asProblem);
    if (this.#tensorJob === job) this.#tensorJob = undefined;
    if (!this.#isClosed) this.#host.post({ kind: 'tensor', job, ...sent });
  }

  /** Sends how the weights of a file differ from those of a version. */
  async compare({ path, baseline, job }: FromPage & { kind: 'compareFile' }): Promise<void> {
    this.#fileJob = job;
    const read = this.#host.call('POST /tensors/compare-file', { path, baseline, job, norms: true });
    const sent = await read.then((norms) => ({ norms }), asProblem);
    if (this.#fileJob === job) this.#fileJob = undefined;
    if (!this.#isClosed) this.#host.post({ kind: 'fileNorms', job, ...sent });
  }

  async sendTokenizer(path: string): Promise<void> {
    const sent = await this.#host.callInBackground('GET /inspect/tokenizer', { path }).catch(asProblem);
    if (!this.#isClosed) this.#host.post({ kind: 'tokenizer', path, ...sent });
  }

  async #stop(job: string | undefined): Promise<void> {
    if (job !== undefined) await this.#host.callInBackground('POST /tensors/cancel', { job }).catch(() => undefined);
  }
}

/** Returns the error as a problem, so that one unreadable report or text only replaces its own content. */
export function asProblem(error: unknown): { problem: string } {
  return { problem: messageOf(error) };
}
