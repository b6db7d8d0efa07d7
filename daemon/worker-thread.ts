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
  const jobs: Job<Request, Reply>[] = [];
  let thread: Worker | undefined;
  let timer: NodeJS.Timeout | undefined;
  let busy = false;

  const stop = async (): Promise<void> => {
    clearTimeout(timer);
    const ending = thread;
    thread = undefined;
    await ending?.terminate();
  };

  const finish = (act: (job: Job<Request, Reply>) => void): void => {
    const job = jobs.shift();
    busy = false;
    if (job) act(job);
    next();
  };

  const start = (): Worker => {
    const made = new Worker(url);
    made.on('message', (message: Message<Reply>) => {
      if ('progress' in message) jobs[0]?.onProgress?.(message.progress);
      else if ('reply' in message) finish((job) => job.resolve(message.reply));
      else
        finish((job) => job.reject(Object.assign(new Error(message.failure.message), { code: message.failure.code })));
    });
    made.on('error', (error: Error) => {
      if (thread === made) thread = undefined;
      finish((job) => job.reject(error));
    });
    made.unref();
    return made;
  };

  const next = (): void => {
    const job = jobs[0];
    if (busy) return;
    clearTimeout(timer);
    if (!job) {
      timer = setTimeout(() => void stop(), idleMs).unref();
      return;
    }
    busy = true;
    thread ??= start();
    thread.ref();
    thread.postMessage(job.request);
    if (jobs.length === 0) thread.unref();
  };

  return {
    call: (request, onProgress) =>
      new Promise<Reply>((resolve, reject) => {
        jobs.push({ request, onProgress, resolve, reject });
        next();
      }),
    close: async () => {
      for (const job of jobs.splice(0)) job.reject(new Error('the service is stopping'));
      await stop();
    },
  };
}

/** Called by a worker's module: answers each request with what `work` returns, or with why it threw. */
export function serve<Request, Reply>(work: (request: Request, progress: (value: unknown) => void) => Reply): void {
  parentPort?.on('message', (request: Request) => {
    try {
      const reply = work(request, (progress) => parentPort?.postMessage({ progress }));
      parentPort?.postMessage({ reply });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
      parentPort?.postMessage({ failure: { message, ...(code === undefined ? {} : { code }) } });
    }
  });
}
