import type { Client } from '../client/request.ts';
import type { PointerRef } from '../../protocol/model.ts';
import type { GateHistory, GateReport } from '../../protocol/policy.ts';
import { StaleCache } from './stale-cache.ts';

/** Gate reports of the service, as far as they are loaded. */
export interface GateLookup {
  /** Returns a version's reports, one for each stage and alias with gates; undefined while unknown. */
  reports(model: string, number: number): readonly GateReport[] | undefined;
  /** Returns which versions would pass the gates of a stage or alias; undefined while unknown. */
  dryRun(model: string, place: PointerRef): GateHistory | undefined;
}

const reportsAgainMs = 1000;
/** Milliseconds between two dry runs. Each evaluates every version, so not every event of a run starts one. */
const dryRunsAgainMs = 3000;
/** Stages and aliases of a model for which reports are loaded. */
const maxPlaces = 6;

/** Caches gate reports until an event changes the model or its plinth.yaml changes. */
export class GateReports implements GateLookup {
  readonly #reports: StaleCache<readonly GateReport[]>;
  readonly #dryRuns: StaleCache<GateHistory>;

  constructor(around: { client: () => Client | undefined; changed: () => void }) {
    this.#reports = new StaleCache({ ...around, ask: fetchReports, againMs: reportsAgainMs });
    this.#dryRuns = new StaleCache({ ...around, ask: fetchDryRun, againMs: dryRunsAgainMs });
  }

  reports(model: string, number: number): readonly GateReport[] | undefined {
    return this.#reports.get(`${model}@${number}`);
  }

  dryRun(model: string, { kind, name }: PointerRef): GateHistory | undefined {
    return this.#dryRuns.get(`${model}@${kind}@${name}`);
  }

  /** Marks the reports of a model as stale; without a name, all. */
  outdate(model?: string): void {
    const isMeant = (key: string): boolean => model === undefined || key.startsWith(`${model}@`);
    this.#reports.outdate(isMeant);
    this.#dryRuns.outdate(isMeant);
  }
}

async function fetchReports(client: Client, key: string): Promise<readonly GateReport[]> {
  const [model = '', version = ''] = key.split('@');
  const { places } = await client.call('GET /models/:model', { model });
  const reports: GateReport[] = [];
  for (const { kind, name } of places.slice(0, maxPlaces)) {
    const request = { model, version, [kind]: name };
    reports.push(await client.call('GET /models/:model/versions/:version/gates', request));
  }
  return reports.filter(({ gates }) => gates.length > 0);
}

function fetchDryRun(client: Client, key: string): Promise<GateHistory> {
  const [model = '', kind = '', name = ''] = key.split('@');
  return client.call('GET /models/:model/gates', { model, [kind]: name });
}
