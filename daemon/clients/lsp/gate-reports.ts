import type { Client } from '../client/request.ts';
import type { Pointer } from '../../protocol/model.ts';
import type { GateHistory, Verdict } from '../../protocol/policy.ts';
import { Kept } from './stale-cache.ts';

export type Place = Pick<Pointer, 'kind' | 'name'>;

/** What the service says of gates, as far as it is known. */
export interface Rulings {
  /** Of a version, one for each stage and alias that has gates; undefined while it is not known. */
  verdicts(model: string, number: number): readonly Verdict[] | undefined;
  /** Which versions the gates of a stage or alias would let through; undefined while it is not known. */
  dryRun(model: string, place: Place): GateHistory | undefined;
}

const verdictsAgainMs = 1000;
/** Every version is weighed for one: not at each event of a run that goes on. */
const dryRunsAgainMs = 3000;
/** Of so many stages and aliases of a model. */
const maxPlaces = 6;

/** Rulings of the service, kept until an event is about the model, or a plinth.yaml is another. */
export class Verdicts implements Rulings {
  readonly #verdicts: Kept<readonly Verdict[]>;
  readonly #dryRuns: Kept<GateHistory>;

  constructor(around: { client: () => Client | undefined; changed: () => void }) {
    this.#verdicts = new Kept({ ...around, ask: askVerdicts, againMs: verdictsAgainMs });
    this.#dryRuns = new Kept({ ...around, ask: askDryRun, againMs: dryRunsAgainMs });
  }

  verdicts(model: string, number: number): readonly Verdict[] | undefined {
    return this.#verdicts.get(`${model}@${number}`);
  }

  dryRun(model: string, { kind, name }: Place): GateHistory | undefined {
    return this.#dryRuns.get(`${model}@${kind}@${name}`);
  }

  /** Something happened to a model; to any of them, where none is named. */
  outdate(model?: string): void {
    const isMeant = (key: string): boolean => model === undefined || key.startsWith(`${model}@`);
    this.#verdicts.outdate(isMeant);
    this.#dryRuns.outdate(isMeant);
  }
}

async function askVerdicts(client: Client, key: string): Promise<readonly Verdict[]> {
  const [model = '', version = ''] = key.split('@');
  const { places } = await client.call('GET /models/:model', { model });
  const verdicts: Verdict[] = [];
  for (const { kind, name } of places.slice(0, maxPlaces)) {
    const request = { model, version, [kind]: name };
    verdicts.push(await client.call('GET /models/:model/versions/:version/gates', request));
  }
  return verdicts.filter(({ gates }) => gates.length > 0);
}

function askDryRun(client: Client, key: string): Promise<GateHistory> {
  const [model = '', kind = '', name = ''] = key.split('@');
  return client.call('GET /models/:model/gates', { model, [kind]: name });
}
