import type { Artifact, ArtifactState, NameOrigin, Root, Run } from '../model.ts';
import type { ModelFacts } from '../artifact.ts';
import type { TrackedRun } from '../tracked-run.ts';
import type { Changed, Page, Paged } from '../shapes.ts';
import type { Registered } from './versions.ts';

export interface WhyReply {
  path: string;
  /** One sentence. */
  reason: string;
  artifact: Artifact | null;
  /** What its model has its name from; absent where that is not known. */
  named?: NameOrigin;
}

/** A finished save of a run. */
export interface RunSave {
  path: string;
  size: number;
  writtenAt: number;
  metrics: Record<string, number | string>;
  /** `churn@7`; null where it became no version. */
  version: string | null;
  /** Whether its bytes are owned though it is no version. */
  kept: boolean;
  /** Why its bytes are not kept; null where they are, or need not be. */
  lost: string | null;
}

/** A run with what it saved, the oldest save first; a run of an MLflow client saves nothing that is listed here. */
export interface ListedRun extends Run {
  saves: RunSave[];
}

/** What an import brought. */
export interface Imported {
  models: number;
  /** Versions that came, and those that were here already. */
  versions: number;
  known: number;
  runs: number;
  /** What did not come, and why; one sentence each. */
  left: string[];
}

/** Routes about folders that are watched and files that are brought in, as in `Routes`. */
export interface WatchRoutes {
  'GET /artifacts': [Paged & { state: ArtifactState }, Page<Artifact>];
  /** Runs of watched folders and of MLflow's clients, live ones first, then the newest; `ended` leaves out those that go on. */
  'GET /runs': [{ status?: Run['status'] | 'ended' | undefined; limit?: number | undefined }, { runs: ListedRun[] }];
  /** Gives up the bytes of saves whose run has ended and which became no version. */
  'POST /candidates/clean-up': [Record<never, never>, { saves: number; bytes: number }];
  'GET /mlflow/runs/:run': [{ run: string }, TrackedRun];
  /** What a file on disk holds, read from its headers; in bytes, with the reason where it holds no model. */
  'GET /inspect': [{ path: string }, { size: number; facts: ModelFacts | null; problem: string | null }];
  'GET /why': [{ path: string }, WhyReply];
  'GET /roots': [Record<never, never>, { roots: Root[] }];
  'POST /roots': [{ path: string }, Root];
  'POST /roots/remove': [{ path: string }, Changed];
  'POST /roots/pause': [{ path: string }, Changed];
  'POST /roots/resume': [{ path: string }, Changed];
  'GET /ignored': [Record<never, never>, { patterns: string[] }];
  'POST /ignored': [{ pattern: string }, Changed];
  'POST /ignored/remove': [{ pattern: string }, Changed];
  'POST /scan': [{ path?: string | undefined }, { roots: { path: string; files: number; tookMs: number }[] }];
  'POST /register': [{ path: string; model?: string | undefined; again?: boolean | undefined }, Registered];
  'POST /found/register': [{ root: string }, { registered: number; skipped: number }];
  /** From MLflow: the path of an `mlflow.db` or of a folder `mlruns`. */
  'POST /import': [{ path: string; anywhere?: boolean | undefined }, Imported];
}
