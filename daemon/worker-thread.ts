import { Worker, parentPort } from 'node:worker_threads';

/** A worker thread that answers one request at a time, in order; started on first use, ended when idle. */
export interface WorkerThread<Request, Reply> {
  /** Rejects when the work failed or the thread died; `onProgress` gets whatever the worker posts meanwhile. */
  call(request: Request, onProgress?: (progress: unknown) => void): Promise<Reply>;
  close(): Promise<void>;
}

interface Job<Request, Reply> {
  request: Request;
  onProgress: ((progress: unknown) => void) | undefined;
  resolve: (reply: Reply) => void;
  reject: (error: Error) => void;
}

type Message<Reply> = { progress: unknown } | { reply: Reply } | { failure: { message: string; code?: string } };

/** How long a thread is kept after its last job. */
const idleMs = 20_000;

/** `url` is the module that calls `serve`. */
export function workerThread<Request, Reply>(url: URL): WorkerThread<Request, Reply> {
  return new Thread<Request, Reply>(url);
}

class Thread<Request, Reply> implements WorkerThread<Request, Reply> {
  readonly #url: URL;
  readonly #jobs: Job<Request, Reply>[] = [];
  #worker: Worker | undefined;
  #timer: NodeJS.Timeout | undefined;
  #busy = false;

  constructor(url: URL) {
    this.#url = url;
  }

  call(request: Request, onProgress?: (progress: unknown) => void): Promise<Reply> {
    return new Promise<Reply>((resolve, reject) => {
      this.#jobs.push({ request, onProgress, resolve, reject });
      this.#next();
    });
  }

  async close(): Promise<void> {
    for (const job of this.#jobs.splice(0)) job.reject(new Error('the service is stopping'));
    await this.#stop();
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#timer);
    const ending = this.#worker;
    this.#worker = undefined;
    await ending?.terminate();
  }

  #next(): void {
    const job = this.#jobs[0];
    if (this.#busy) return;
    clearTimeout(this.#timer);
    if (!job) {
      this.#worker?.unref();
      this.#timer = setTimeout(() => void this.#stop(), idleMs).unref();
      return;
    }
    this.#busy = true;
    this.#worker ??= this.#start();
    this.#worker.ref();
    this.#worker.postMessage(job.request);
  }

  #finish(act: (job: Job<Request, Reply>) => void): void {
    const job = this.#jobs.shift();
    this.#busy = false;
    if (job) act(job);
    this.#next();
  }

  #start(): Worker {
    const made = new Worker(this.#url);
    made.on('message', (message: Message<Reply>) => this.#hear(message));
    made.on('error', (error: Error) => this.#lose(made, error));
    made.on('exit', () => this.#lose(made, new Error('the worker thread ended')));
    return made;
  }

  #hear(message: Message<Reply>): void {
    if ('progress' in message) this.#jobs[0]?.onProgress?.(message.progress);
    else if ('reply' in message) this.#finish((job) => job.resolve(message.reply));
    else this.#finish((job) => job.reject(failureOf(message.failure)));
  }

  /** A thread that died answers its job with why; the next job gets a new thread. */
  #lose(lost: Worker, error: Error): void {
    if (this.#worker !== lost) return;
    this.#worker = undefined;
    if (this.#busy) this.#finish((job) => job.reject(error));
  }
}

function failureOf(failure: { message: string; code?: string }): Error {
  return Object.assign(new Error(failure.message), failure.code === undefined ? {} : { code: failure.code });
}

/** Called by a worker's module: answers each request with what `work` returns or resolves to, or with why it threw. */
export function serve<Request, Reply>(
  work: (request: Request, progress: (value: unknown) => void) => Reply | Promise<Reply>,
): void {
  const answer = async (request: Request): Promise<void> => {
    try {
      const reply = await work(request, (progress) => parentPort?.postMessage({ progress }));
      parentPort?.postMessage({ reply });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
      parentPort?.postMessage({ failure: { message, ...(code === undefined ? {} : { code }) } });
    }
  };
  parentPort?.on('message', (request: Request) => void answer(request));
}
