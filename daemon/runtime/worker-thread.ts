import { posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker, parentPort } from 'node:worker_threads';

/** Declares a worker's operations by name: `[request, reply, progress]` of each, as `Routes` does for HTTP. */
export type Operations<Ops> = Record<keyof Ops, [request: unknown, reply: unknown, progress?: unknown]>;

/** A worker thread that answers one request at a time, in order; started on first use, ended when idle. */
export interface WorkerThread<Ops extends Operations<Ops>> {
  /**
   * Rejects when the work failed, the thread died, or, with code TIMEOUT, said nothing for the limit: then it is given up, and
   * the next request has a new one. `onProgress` gets whatever the worker posts meanwhile.
   */
  call<Op extends keyof Ops>(
    op: Op,
    request: Ops[Op][0],
    onProgress?: (progress: Ops[Op][2]) => void,
  ): Promise<Ops[Op][1]>;
  close(): Promise<void>;
}

interface Job {
  request: Request;
  onProgress: ((progress: unknown) => void) | undefined;
  resolve: (reply: unknown) => void;
  reject: (error: Error) => void;
}

/** Messages to and from the worker: pairs of one operation, which `call` and `serve` hold to their types. */
interface Request {
  op: PropertyKey;
  request: unknown;
}
type Message = { progress: unknown } | { reply: unknown } | { failure: { message: string; code?: string } };

/** How long a thread is kept after its last job. */
const idleMs = 20_000;
/** Of the objects that a thread has just made, in MiB: V8 would let it have three times 16 before it looks which are still needed. */
const youngMb = 8;
/** How long the end of a thread that has a limit is waited for: one that is inside a system call ends only after it. */
const endWithinMs = 1000;
/** Threads that were told to end and have not. */
let ending = 0;

/** `url` is the module that calls `serve`; `limitMs` is how long it may compute without an answer or a sign of progress. */
export function workerThread<Ops extends Operations<Ops>>(url: URL, limitMs?: number): WorkerThread<Ops> {
  return new Thread(url, limitMs);
}

/**
 * Returns the URL of a worker's module: in the bundle a file of its folder, else the source. Sources that run with PLINTH_BUNDLE
 * set, as tests do, start the workers of that bundle, which load in a third of the time.
 */
export function workerScript(importedFrom: string, source: string): URL {
  const bundled = `./${posix.basename(source, '.ts')}.js`;
  if (!importedFrom.endsWith('.ts')) return new URL(bundled, importedFrom);
  const bundle = process.env['PLINTH_BUNDLE'];
  return bundle === undefined ? new URL(source, importedFrom) : new URL(bundled, pathToFileURL(`${bundle}/`));
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

class Thread {
  readonly #url: URL;
  readonly #jobs: Job[] = [];
  #worker: Worker | undefined;
  #timer: NodeJS.Timeout | undefined;
  #busy = false;
  readonly #limitMs: number | undefined;
  #watch: NodeJS.Timeout | undefined;

  constructor(url: URL, limitMs: number | undefined) {
    this.#url = url;
    this.#limitMs = limitMs;
  }

  /** The worker's module answers an operation with its own reply: `serve` holds it to that, so no reply is looked at here. */
  call<Reply>(op: PropertyKey, request: unknown, onProgress?: (progress: never) => void): Promise<Reply> {
    return new Promise<unknown>((resolve, reject) => {
      const job = { request: { op, request }, onProgress: onProgress as Job['onProgress'], resolve, reject };
      this.#jobs.push(job);
      this.#next();
    }) as Promise<Reply>;
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

  #finish(act: (job: Job) => void): void {
    clearTimeout(this.#watch);
    const job = this.#jobs.shift();
    this.#busy = false;
    if (job) act(job);
    this.#next();
  }

  #start(): Worker {
    const made = new Worker(this.#url, { resourceLimits: { maxYoungGenerationSizeMb: youngMb } });
    made.on('message', (message: Message) => this.#hear(made, message));
    made.on('error', (error: Error) => this.#lose(made, error));
    made.on('exit', () => this.#lose(made, new Error('the worker thread ended')));
    return made;
  }

  #hear(from: Worker, message: Message): void {
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

type Work<Ops extends Operations<Ops>, Op extends keyof Ops> = (
  request: Ops[Op][0],
  progress: (value: Ops[Op][2]) => void,
) => Ops[Op][1] | Promise<Ops[Op][1]>;

/** Called by a worker's module: answers each request with what its operation returns or resolves to, or with why it threw. */
export function serve<Ops extends Operations<Ops>>(operations: { [Op in keyof Ops]: Work<Ops, Op> }): void {
  const answer = async ({ op, request }: Request): Promise<void> => {
    try {
      const work = operations[op as keyof Ops];
      if (!work) throw new Error(`this worker has no operation named ${String(op)}`);
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
