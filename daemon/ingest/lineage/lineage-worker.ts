import { resultOf, type GroupedResult } from '../../runtime/grouped-calls.ts';
import { serve } from '../../runtime/worker-thread.ts';
import { lookAround, type Look, type LookRequest } from './collect.ts';

export interface LineageOperations {
  /** Looks around artifacts for at most `budgetMs`, at least around the first one. */
  look: [readonly LookRequest[], GroupedResult<Look>[], null];
}

/** Time for one group, so that the first results of a long one do not wait for the last. */
const budgetMs = 50;

serve<LineageOperations>({
  look: async (requests, progress) => {
    const until = performance.now() + budgetMs;
    const looks: GroupedResult<Look>[] = [];
    for (const request of requests) {
      looks.push(await resultOf(() => lookAround(request, () => progress(null))));
      if (performance.now() > until) break;
    }
    return looks;
  },
});
