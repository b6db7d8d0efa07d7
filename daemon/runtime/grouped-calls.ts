import { errorFrom, failureFrom, type Failure } from './worker-thread.ts';

/** Result of one request of a group. */
export type GroupedResult<Reply> = { reply: Reply } | { failure: Failure };

/** Handles requests from the first on, at least one, and returns their results in order. Those that it left are in the next group. */
export type HandleGroup<Request, Reply> = (requests: Request[]) => Promise<GroupedResult<Reply>[]>;

interface Waiting<Request, Reply> {
  request: Request;
  resolve: (reply: Reply) => void;
  reject: (error: unknown) => void;
}

/**
 * Returns a function that handles requests in groups: what is requested while one group is handled is the next group, of at most
 * `max` requests. So a single request waits for nothing, and many share what a group costs. If a group of several is rejected as a
 * whole, as when one of its requests ended a thread, each is handled alone.
 */
export function groupedCalls<Request, Reply>(
  handle: HandleGroup<Request, Reply>,
  max: number,
): (request: Request) => Promise<Reply> {
  const waiting: Waiting<Request, Reply>[] = [];
  let isBusy = false;

  const handleNext = async (): Promise<void> => {
    if (isBusy) return;
    isBusy = true;
    while (waiting.length > 0) waiting.unshift(...(await handleSome(handle, waiting.splice(0, max))));
    isBusy = false;
  };

  return (request) =>
    new Promise<Reply>((resolve, reject) => {
      waiting.push({ request, resolve, reject });
      void handleNext();
    });
}

/** Handles requests, settles each, and returns those that are left. Never rejects. */
async function handleSome<Request, Reply>(
  handle: HandleGroup<Request, Reply>,
  group: readonly Waiting<Request, Reply>[],
): Promise<readonly Waiting<Request, Reply>[]> {
  try {
    const results = await handle(group.map(({ request }) => request));
    const count = Math.max(results.length, 1);
    for (const [index, one] of group.slice(0, count).entries()) settle(one, results[index]);
    return group.slice(count);
  } catch (error) {
    if (group.length > 1) for (const one of group) await handleSome(handle, [one]);
    else group[0]?.reject(error);
    return [];
  }
}

function settle<Request, Reply>(
  { resolve, reject }: Waiting<Request, Reply>,
  result: GroupedResult<Reply> | undefined,
): void {
  if (result && 'reply' in result) return resolve(result.reply);
  reject(errorFrom(result?.failure ?? { message: 'a request of a group was not handled' }));
}

/** Runs an act and returns its result or its error, in a form that a worker thread can send. */
export async function resultOf<Reply>(act: () => Reply | Promise<Reply>): Promise<GroupedResult<Reply>> {
  try {
    return { reply: await act() };
  } catch (error) {
    return { failure: failureFrom(error) };
  }
}
