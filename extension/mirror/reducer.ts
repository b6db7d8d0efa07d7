import type { ThinEvent } from '../../daemon/protocol/events.ts';
import type { Artifact, ManifestFile, Model, Version } from '../../daemon/protocol/model.ts';
import type { Lineage } from '../../daemon/protocol/lineage.ts';
import type { Approval } from '../../daemon/protocol/approval.ts';
import type { RunRelation } from '../../daemon/protocol/routes/versions.ts';
import type { ListedRun } from '../../daemon/protocol/routes/watch.ts';
import type { StreamMessage } from '../../daemon/protocol/stream.ts';
import type { Status } from '../../daemon/protocol/routes/system.ts';
import {
  makesDetailsStale,
  withAllModels,
  withModel,
  type MirroredModels,
} from '../../daemon/shared/registry-mirror.ts';

/** The state of the service as this window knows it. */
export type Phase = 'unknown' | 'starting' | 'running' | 'stopped' | 'failed';

/** The versions of a model that have been read, newest first. */
export interface Opened {
  versions: readonly Version[];
  /** True when there are more than have been read. */
  more: boolean;
}

/** Parts of a version that are read only when somebody opens it. */
export interface Detail {
  files: readonly ManifestFile[];
  lineage: Lineage | null;
  approvals?: readonly Approval[];
  ofRun?: RunRelation;
}

/** A scan that happened while this window was open. */
export interface Scan {
  root: string;
  files: number;
  tookMs: number;
  at: number;
}

/** The registry as this window sees it. It is one value, changed only by `apply`. */
export interface Mirror {
  phase: Phase;
  /** Why the service is stopped or failed, in one sentence. */
  problem: string | null;
  /** Why this window may only read; null when it may write. */
  readsOnly: string | null;
  /** When this was last known to be current, epoch ms; null before the first answer. */
  asOf: number | null;
  /** Most recently changed first. */
  models: readonly Model[];
  /** By model. A Map, because names come from files and could collide with properties of an object. */
  opened: ReadonlyMap<string, Opened>;
  /** Details of the versions that were opened, by `model@number`. */
  details: ReadonlyMap<string, Detail>;
  candidates: readonly Artifact[];
  waiting: readonly Artifact[];
  found: readonly Artifact[];
  /** Runs that have ended, newest first, with what became of their saves. */
  ended: readonly ListedRun[];
  /** Newest first. */
  activity: readonly ThinEvent[];
  /** The last scans, newest first. */
  scans: readonly Scan[];
  /** Long work in progress, by task and subject. */
  progress: ReadonlyMap<string, { done: number; total: number }>;
  status: Status | null;
}

export const nothing: Mirror = {
  phase: 'unknown',
  problem: null,
  readsOnly: null,
  asOf: null,
  models: [],
  opened: new Map(),
  details: new Map(),
  candidates: [],
  waiting: [],
  found: [],
  ended: [],
  activity: [],
  scans: [],
  progress: new Map(),
  status: null,
};

export type Change =
  | { kind: 'phase'; phase: Phase; problem: string | null }
  | { kind: 'reads-only'; reason: string | null }
  | { kind: 'models'; models: readonly Model[]; at: number }
  | { kind: 'model'; name: string; model: Model | undefined; at: number }
  | { kind: 'versions'; model: string; versions: readonly Version[]; more: boolean }
  | { kind: 'detail'; version: string; detail: Detail }
  | { kind: 'artifacts'; candidates: Artifact[]; waiting: Artifact[]; found: Artifact[] }
  | { kind: 'ended'; runs: readonly ListedRun[] }
  | { kind: 'activity'; events: readonly ThinEvent[] }
  | { kind: 'happened'; event: ThinEvent }
  | { kind: 'scanned'; scan: Scan }
  | { kind: 'progress'; task: string; subject: string; done: number; total: number }
  | { kind: 'status'; status: Status };

const maxActivity = 200;
const maxScans = 20;

/** Returns the mirror after a change. Pure. */
export function apply(mirror: Mirror, change: Change): Mirror {
  switch (change.kind) {
    case 'phase':
      return { ...mirror, phase: change.phase, problem: change.problem };
    case 'reads-only':
      return { ...mirror, readsOnly: change.reason };
    case 'models':
      return mirrored(mirror, withAllModels(modelsOf(mirror), change.models, change.at));
    case 'model':
      return mirrored(mirror, withModel(modelsOf(mirror), change.name, change.model, change.at));
    case 'versions': {
      const { versions, more } = change;
      return { ...mirror, opened: new Map(mirror.opened).set(change.model, { versions, more }) };
    }
    case 'detail':
      return { ...mirror, details: new Map(mirror.details).set(change.version, change.detail) };
    case 'artifacts':
      return { ...mirror, candidates: change.candidates, waiting: change.waiting, found: change.found };
    case 'ended':
      return { ...mirror, ended: change.runs };
    case 'activity':
      return { ...mirror, activity: change.events.slice(0, maxActivity) };
    case 'happened':
      return { ...withoutDetail(mirror, change.event), activity: withEvent(mirror.activity, change.event) };
    case 'scanned':
      return { ...mirror, scans: [change.scan, ...mirror.scans].slice(0, maxScans) };
    case 'progress':
      return { ...mirror, progress: withProgress(mirror.progress, change) };
    case 'status':
      return { ...mirror, status: change.status };
  }
}

function modelsOf({ asOf, models, opened }: Mirror): MirroredModels<Opened> {
  return { asOf, models, versions: opened };
}

function mirrored(mirror: Mirror, { asOf, models, versions }: MirroredModels<Opened>): Mirror {
  return { ...mirror, asOf, models, opened: versions };
}

/** Removes the details of a version that an event changed, so that they are read again. */
function withoutDetail(mirror: Mirror, event: ThinEvent): Mirror {
  const version = `${event.model}@${event.number}`;
  if (!makesDetailsStale(event) || !mirror.details.has(version)) return mirror;
  const details = new Map(mirror.details);
  details.delete(version);
  return { ...mirror, details };
}

/** Adds an event. A resumed stream may send an event twice. */
function withEvent(activity: readonly ThinEvent[], event: ThinEvent): ThinEvent[] {
  const rest = activity.filter(({ seq }) => seq !== event.seq);
  return [event, ...rest].toSorted((a, b) => b.seq - a.seq).slice(0, maxActivity);
}

function withProgress(
  progress: Mirror['progress'],
  { task, subject, done, total }: Change & { kind: 'progress' },
): Mirror['progress'] {
  const after = new Map(progress);
  if (done >= total) after.delete(`${task} ${subject}`);
  else after.set(`${task} ${subject}`, { done, total });
  return after;
}

/** Returns the versions of a model that have been read; none before the model was opened. */
export function versionsOf(mirror: Mirror, model: string): readonly Version[] {
  return mirror.opened.get(model)?.versions ?? [];
}

/** True for a message after which the ended runs or their saves may have changed. */
export function makesEndedStale({ ended }: Pick<Mirror, 'ended'>, message: StreamMessage): boolean {
  const isShown = (run: string | null): boolean => ended.some(({ id }) => id === run);
  if (message.kind === 'run') return message.run.status !== 'running' || isShown(message.run.id);
  return message.kind === 'artifact' && isShown(message.artifact.run);
}

/** True while something on disk is noticed and not decided yet, other than saves that wait for the end of a training. Pure. */
export function isDeciding({ status }: Pick<Mirror, 'status'>): boolean {
  return status?.isIdle === false && status.runs.length === 0;
}
