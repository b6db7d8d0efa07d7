import type { ThinEvent } from '../daemon/protocol/events.ts';
import type { Artifact, Model, Version } from '../daemon/protocol/model.ts';
import type { Status } from '../daemon/protocol/routes.ts';

/** What the service is doing, as far as this window knows. */
export type Phase = 'unknown' | 'starting' | 'running' | 'stopped' | 'failed';

/** The registry as this window sees it: one value, changed only by `apply`. */
export interface Mirror {
  phase: Phase;
  /** Why it is stopped or failed; one sentence. */
  problem: string | null;
  /** When this was last known to be true, epoch ms; null before the first answer. */
  asOf: number | null;
  /** Most recently changed first. */
  models: Model[];
  /** Versions of the models that were opened, newest first. */
  versions: Readonly<Record<string, readonly Version[]>>;
  /** Models with more versions than were read. */
  more: Readonly<Record<string, boolean>>;
  candidates: Artifact[];
  waiting: Artifact[];
  found: Artifact[];
  /** Newest first. */
  activity: ThinEvent[];
  status: Status | null;
}

export const nothing: Mirror = {
  phase: 'unknown',
  problem: null,
  asOf: null,
  models: [],
  versions: {},
  more: {},
  candidates: [],
  waiting: [],
  found: [],
  activity: [],
  status: null,
};

export type Change =
  | { kind: 'phase'; phase: Phase; problem: string | null }
  | { kind: 'models'; models: Model[]; at: number }
  | { kind: 'model'; name: string; model: Model | undefined; at: number }
  | { kind: 'versions'; model: string; versions: readonly Version[]; more: boolean }
  | { kind: 'artifacts'; candidates: Artifact[]; waiting: Artifact[]; found: Artifact[] }
  | { kind: 'activity'; events: ThinEvent[] }
  | { kind: 'happened'; event: ThinEvent }
  | { kind: 'status'; status: Status };

const mostActivity = 200;

/** The mirror after a change. Pure. */
export function apply(mirror: Mirror, change: Change): Mirror {
  switch (change.kind) {
    case 'phase':
      return { ...mirror, phase: change.phase, problem: change.problem };
    case 'models':
      return { ...mirror, models: change.models, asOf: change.at };
    case 'model':
      return { ...mirror, models: withModel(mirror.models, change.name, change.model), asOf: change.at };
    case 'versions':
      return {
        ...mirror,
        versions: { ...mirror.versions, [change.model]: change.versions },
        more: { ...mirror.more, [change.model]: change.more },
      };
    case 'artifacts':
      return { ...mirror, candidates: change.candidates, waiting: change.waiting, found: change.found };
    case 'activity':
      return { ...mirror, activity: change.events };
    case 'happened':
      return {
        ...mirror,
        activity: [change.event, ...mirror.activity.filter(({ seq }) => seq !== change.event.seq)].slice(
          0,
          mostActivity,
        ),
      };
    case 'status':
      return { ...mirror, status: change.status };
  }
}

/** The changed model comes first; one that is gone is left out. */
function withModel(models: readonly Model[], name: string, model: Model | undefined): Model[] {
  const rest = models.filter((known) => known.name !== name && known.name !== model?.name);
  return model ? [model, ...rest] : rest;
}
