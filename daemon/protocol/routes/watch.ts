import type { Artifact, ArtifactState, ManifestFile, NameOrigin, Resumption, Root, Run } from '../model.ts';
import type { ModelFacts, TokenizerReply } from '../artifact.ts';
import type { TrackedRun } from '../tracked-run.ts';
import type { Changed, Page, Paged } from '../shapes.ts';
import type { Registered } from './versions.ts';

export interface WhyReply {
  path: string;
  /** One sentence. */
  reason: string;
  artifact: Artifact | null;
  /** Origin of its model's name; absent if unknown. */
  named?: NameOrigin;
  /** How the run that saved it was resumed; absent if it was not. */
  resumptions?: Resumption[];
}

/** A finished save of a run. */
export interface RunSave {
  path: string;
  size: number;
  writtenAt: number;
  metrics: Record<string, number | string>;
  /** `churn@7`; null if it is no version. */
  version: string | null;
  /** True if its bytes are kept although it is no version. */
  kept: boolean;
  /** Why its bytes are not kept; null if they are, or need not be. */
  lost: string | null;
}

/** A run with its saves, oldest first; empty for a run of an MLflow client. */
export interface ListedRun extends Run {
  saves: RunSave[];
  /** Tags of an MLflow client's run, without those that MLflow sets itself. Absent for other runs. */
  tags?: Record<string, string>;
}

interface RunSearch {
  status?: Run['status'] | 'ended' | undefined;
  /** Filter, such as `val_auc > 0.9 and lr < 0.01`. `unknown` in the reply lists its names that no run has. */
  where?: string | undefined;
  /** Order, such as `val_auc`. */
  sort?: string | undefined;
  limit?: number | undefined;
}

/** Result of an import. */
export interface Imported {
  models: number;
  /** Versions that were imported, and those that existed already. */
  versions: number;
  known: number;
  runs: number;
  /** One sentence for each version or file that was not imported. */
  left: string[];
}

/** Files that a client has uploaded, to be registered. */
export interface UploadedArtifact {
  /** Absent: its place determines the model, as on the machine itself. */
  model?: string | undefined;
  /** The project that it belongs to on the client's machine. */
  project?: ClientProject | undefined;
  /** Relative paths with `/`. */
  files: ManifestFile[];
  /** True for a folder, false for one file. */
  wholeFolder: boolean;
  /** Where they are on the client's machine: `laptop:/home/ana/model.joblib`. */
  from: string;
  /** Time of the last write to the newest of them, epoch ms. */
  writtenAt?: number | undefined;
  again?: boolean | undefined;
}

/** A project on a client's machine: its folder, its name, and what identifies it on all machines (else the folder again). */
export interface ClientProject {
  top: string;
  name: string;
  key: string;
}

/** Reply to a part of an upload; with the digest once all of it is here and on disk. */
export interface UploadedPart {
  received: number;
  digest?: string;
}

/** Routes about watched folders, artifacts and imports, as in `Routes`. */
export interface WatchRoutes {
  'GET /artifacts': [Paged & { state: ArtifactState }, Page<Artifact>];
  /** Runs of watched folders and of MLflow's clients, live ones first, then the newest. `ended` leaves out live ones. */
  'GET /runs': [RunSearch, { runs: ListedRun[]; unknown: string[] }];
  /** Deletes the kept bytes of saves whose run has ended without making them a version. */
  'POST /candidates/clean-up': [Record<never, never>, { saves: number; bytes: number }];
  'GET /mlflow/runs/:run': [{ run: string }, TrackedRun];
  /** Facts of a file on disk, read from its headers, with its size in bytes; with the reason if it holds no model. `registered`: the version
   * that a watched folder's file became, if it has not changed since. `model`: the model that the file belongs to by its name and place, if it exists. */
  'GET /inspect': [
    { path: string },
    { size: number; facts: ModelFacts | null; problem: string | null; registered: string | null; model: string | null },
  ];
  /** Tokenizer and chat template of a GGUF file or a Hugging Face folder on disk. */
  'GET /inspect/tokenizer': [{ path: string }, TokenizerReply];
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
  /** Returns how many bytes of an upload are here. `POST /uploads/:key?offset=…&size=…` adds the next ones as its body. */
  'GET /uploads/:key': [{ key: string }, { received: number }];
  'POST /register/uploaded': [UploadedArtifact, Registered];
  'POST /found/register': [{ root: string }, { registered: number; skipped: number }];
  /** Imports from MLflow. `path`: an `mlflow.db` or a folder `mlruns`. */
  'POST /import': [{ path: string; anywhere?: boolean | undefined }, Imported];
}
