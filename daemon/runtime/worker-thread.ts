import { Worker, parentPort } from 'node:worker_threads';

/** A worker thread that answers one request at a time, in order; started on first use, ended when idle. */
export interface WorkerThread<Request, Reply> {
  /**
   * Rejects when the work failed, the thread died, or, with code TIMEOUT, said nothing for the limit: then it is given up, and
   * the next request has a new one. `onProgress` gets whatever the worker posts meanwhile.
   */
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
/** How long the end of a thread that has a limit is waited for: one that is inside a system call ends only after it. */
const endWithinMs = 1000;
/** Threads that were told to end and have not. */
let ending = 0;

/** `url` is the module that calls `serve`; `limitMs` is how long it may compute without an answer or a sign of progress. */
export function workerThread<Request, Reply>(url: URL, limitMs?: number): WorkerThread<Request, Reply> {
  return new Thread<Request, Reply>(url, limitMs);
}

/** Ends the process. Node waits for every thread of its own accord, so one that cannot end takes the process down by a signal. */
export function exitProcess(code: number): never {
  if (ending > 0) process.kill(process.pid, 'SIGKILL');
  process.exit(code);
}

/** Resolves when the thread has ended; that of an `impatient` caller after a while all the same. */
async function endThread(worker: Worker, impatient: boolean): Promise<void> {
  ending += 1;
  const ended = worker.terminate().then(() => void (ending -= 1));
  if (!impatient) return ended;
  worker.unref();
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([ended, new Promise((resolve) => (timer = setTimeout(resolve, endWithinMs)))]);
  clearTimeout(timer);
}

class Thread<Request, Reply> implements WorkerThread<Request, Reply> {
  readonly #url: URL;
  readonly #jobs: Job<Request, Reply>[] = [];
  #worker: Worker | undefined;
  #timer: NodeJS.Timeout | undefined;
  #busy = false;
  readonly #limitMs: number | undefined;
  #watch: NodeJS.Timeout | undefined;

  constructor(url: URL, limitMs: number | undefined) {
    this.#url = url;
    this.#limitMs = limitMs;
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
    clearTimeout(this.#watch);
    const last = this.#worker;
    this.#worker = undefined;
    if (last) await endThread(last, this.#limitMs !== undefined);
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
    this.#watchOver(this.#worker);
  }

  /** Begins to count the time of silence anew. */
  #watchOver(worker: Worker): void {
    clearTimeout(this.#watch);
    if (this.#limitMs === undefined) return;
    const giveUp = (): void => {
      this.#lose(worker, withoutAnswer(this.#limitMs ?? 0));
      void endThread(worker, true);
    };
    this.#watch = setTimeout(giveUp, this.#limitMs).unref();
  }

  #finish(act: (job: Job<Request, Reply>) => void): void {
    clearTimeout(this.#watch);
    const job = this.#jobs.shift();
    this.#busy = false;
    if (job) act(job);
    this.#next();
  }

  #start(): Worker {
    const made = new Worker(this.#url);
    made.on('message', (message: Message<Reply>) => this.#hear(made, message));
    made.on('error', (error: Error) => this.#lose(made, error));
    made.on('exit', () => this.#lose(made, new Error('the worker thread ended')));
    return made;
  }

  #hear(from: Worker, message: Message<Reply>): void {
    if (this.#worker !== from || !this.#busy) return;
    if ('progress' in message) {
      this.#watchOver(from);
      this.#jobs[0]?.onProgress?.(message.progress);
    } else if ('reply' in message) this.#finish((job) => job.resolve(message.reply));
    else this.#finish((job) => job.reject(failureOf(message.failure)));
  }

  /** A thread that died answers its job with why; the next job gets a new thread. */
  #lose(lost: Worker, error: Error): void {
    if (this.#worker !== lost) return;
    this.#worker = undefined;
    if (this.#busy) this.#finish((job) => job.reject(error));
  }
}

function withoutAnswer(limitMs: number): Error {
  const message = `it did not come to an end within ${Math.round(limitMs / 1000)} s`;
  return Object.assign(new Error(message), { code: 'TIMEOUT' });
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
