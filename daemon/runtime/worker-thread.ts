import { posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker, parentPort } from 'node:worker_threads';

/** Declares a worker's operations by name: `[request, reply, progress]` of each, like `Routes` for HTTP. */
export type Operations<Ops> = Record<keyof Ops, [request: unknown, reply: unknown, progress?: unknown]>;

/** A worker thread that handles one request at a time, in order. Starts at the first request and ends when idle. */
export interface WorkerThread<Ops extends Operations<Ops>> {
  /**
   * Rejects if the work failed, the thread died, or, with code TIMEOUT, no sign of life came within the limit: then the thread is
   * given up and the next request gets a new one. `onProgress` receives the worker's messages meanwhile.
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

/** Messages to and from the worker. `call` and `serve` check the types of each operation. */
interface Request {
  op: PropertyKey;
  request: unknown;
}
type Message = { progress: unknown } | { reply: unknown } | { failure: Failure };

/** Milliseconds a thread is kept after its last job. */
const idleMs = 20_000;
/** Size of V8's young generation in MiB. By default it would be three times 16 before unused objects are collected. */
const youngMb = 8;
/** Milliseconds for which the end of a thread with a limit is awaited. A thread inside a system call ends only after it. */
const endWithinMs = 1000;
/** Threads that were told to end and have not ended yet. */
let ending = 0;

/** Creates a thread. `url`: the module that calls `serve`; `limitMs`: longest time without a reply or progress. */
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

/** Ends the process. Node waits for all threads, so if one cannot end, the process kills itself. */
export function exitProcess(code: number): never {
  if (ending > 0) process.kill(process.pid, 'SIGKILL');
  process.exit(code);
}

/** Resolves when the thread has ended; for an `impatient` caller after `endWithinMs` in any case. */
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

  /** Sends a request. The reply's type is not checked here, as `serve` guarantees it. */
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

  /** Restarts the time limit. */
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
    else this.#finish((job) => job.reject(errorFrom(message.failure)));
  }

  /** Rejects the job of a thread that died. The next job gets a new thread. */
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

/** An error in a form that a worker thread can send. */
export interface Failure {
  message: string;
  code?: string;
}

export function failureFrom(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  return { message, ...(code === undefined ? {} : { code }) };
}

export function errorFrom({ message, code }: Failure): Error {
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}

type Work<Ops extends Operations<Ops>, Op extends keyof Ops> = (
  request: Ops[Op][0],
  progress: (value: Ops[Op][2]) => void,
) => Ops[Op][1] | Promise<Ops[Op][1]>;

/** Handles a worker's requests: replies with the result of the operation, or its error. */
export function serve<Ops extends Operations<Ops>>(operations: { [Op in keyof Ops]: Work<Ops, Op> }): void {
  const answer = async ({ op, request }: Request): Promise<void> => {
    try {
      const work = operations[op as keyof Ops];
      if (!work) throw new Error(`this worker has no operation named ${String(op)}`);
      const reply = await work(request, (progress) => parentPort?.postMessage({ progress }));
      parentPort?.postMessage({ reply });
    } catch (error) {
      parentPort?.postMessage({ failure: failureFrom(error) });
    }
  };
  parentPort?.on('message', (request: Request) => void answer(request));
}
