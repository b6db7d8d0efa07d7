import type { ThinEvent } from '../daemon/protocol/events.ts';
import type { ModelFacts } from '../daemon/protocol/artifact.ts';
import type { Model, Version } from '../daemon/protocol/model.ts';
import type { Comparison } from '../daemon/protocol/comparison.ts';
import type { ApprovalRequest } from '../daemon/protocol/approval.ts';
import type { GateReport } from '../daemon/protocol/policy.ts';
import type { Card } from '../daemon/protocol/routes/models.ts';
import type { ListedRun } from '../daemon/protocol/routes/watch.ts';
import type { VersionDetail } from '../daemon/protocol/routes/versions.ts';
import type { TensorNorms } from '../daemon/protocol/tensors.ts';
import type { Points, SeriesReply } from '../daemon/protocol/series.ts';
import type { TrackedRun } from '../daemon/protocol/tracked-run.ts';

/** What a page is about. */
export type PageLocation =
  | { page: 'models' }
  | { page: 'compare'; versions: string[] }
  | { page: 'version'; model: string; version: string }
  | { page: 'model'; model: string }
  | { page: 'lineage'; model: string; version: string }
  | { page: 'inspect'; path: string }
  /** A run that an MLflow client logged, by its id. */
  | { page: 'run'; run: string }
  | { page: 'runs' };

export interface CompareView {
  page: 'compare';
  /** `model@number`, the baseline first. */
  comparison: Comparison;
  series: SeriesReply;
}

export interface VersionView {
  page: 'version';
  detail: VersionDetail;
  model: Model;
  series: SeriesReply;
  /** Of this version and of the pointers that it held, newest first. */
  history: ThinEvent[];
  /** Whether it may be put where gates stand before it. */
  gateReports: GateReport[];
}

export interface ModelView {
  page: 'model';
  model: Model;
  card: Card;
  /** Newest first. */
  versions: Version[];
  /** Newest first. */
  history: ThinEvent[];
  /** Why somebody should look after it. */
  reasons?: string[];
  /** How many references of the workspace load it; absent where that is not known, and outside an editor. */
  references?: number;
}

export interface LineageView {
  page: 'lineage';
  detail: VersionDetail;
  model: Model;
}

export interface InspectView {
  page: 'inspect';
  path: string;
  size: number;
  facts: ModelFacts | null;
  /** Why there are no facts, or what is wrong with the file; one sentence. */
  problem: string | null;
  /** `model@number` of the versions that these bytes are; null while nobody asked. */
  known: string[] | null;
}

export interface RunView {
  page: 'run';
  run: TrackedRun;
}

export interface RunsView {
  page: 'runs';
  /** Live ones first, then the newest. */
  runs: ListedRun[];
}

export interface ModelsView {
  page: 'models';
  /** Requests for approval that wait for people. */
  requests: ApprovalRequest[];
  /** Most recently changed first. */
  models: Model[];
}

/** What could not be shown, and why. */
export interface ProblemView {
  page: 'problem';
  message: string;
}

export type View =
  ModelsView | CompareView | VersionView | ModelView | LineageView | InspectView | RunView | RunsView | ProblemView;

/** From the host to the page. */
export type ToPage =
  | {
      kind: 'render';
      view: View;
      onlyDifferences: boolean;
      words: Record<string, string>;
      canChange: boolean;
      /** Whether whoever looks may approve and reject. */
      canApprove: boolean;
      /** Whether an editor is there to show text differences. */ editor: boolean;
    }
  /** The points of one metric, in the order of the view's series columns. */
  | { kind: 'series'; metric: string; columns: Points[] }
  /** How far the tensors' job has come, and what it found. */
  | { kind: 'progress'; done: number; total: number }
  | { kind: 'norms'; norms: TensorNorms }
  | { kind: 'norms-failed' }
  /** A picture or report of a version with its media type, or why it cannot be had. */
  | ({ kind: 'report'; reference: string; path: string } & ({ type: string; bytes: Uint8Array } | { problem: string }))
  | { kind: 'away'; message: string | null };

/** What the person wants, from the page to the host. */
export type FromPage =
  | { kind: 'ready' }
  | { kind: 'open'; place: PageLocation }
  | {
      kind: 'curves';
      versions: string[];
      metrics: string[];
      /** How many points a curve is cut to, about. */ points: number;
    }
  | { kind: 'promote'; reference: string }
  /** `pointer` as in `production` or `@champion`. */
  | { kind: 'askApproval' | 'approve' | 'reject'; reference: string; pointer: string }
  | { kind: 'rollBack'; model: string; pointer: 'stage' | 'alias'; name: string }
  | { kind: 'differences'; versions: string[] }
  | { kind: 'add'; versions: string[] }
  | { kind: 'captured'; reference: string; path: string }
  /** Asks for the content of a report, or opens it as a document of its own. */
  | { kind: 'report' | 'openReport'; reference: string; path: string }
  | { kind: 'identify'; path: string }
  | { kind: 'register'; path: string }
  | { kind: 'editCard'; model: string }
  | { kind: 'references'; model: string }
  /** Reads the tensors of two versions; the job's name is the page's, to cancel it by. */
  | { kind: 'norms'; baseline: string; candidate: string; job: string }
  | { kind: 'cancel'; job: string }
  | { kind: 'export'; versions: string[] }
  | { kind: 'copy'; text: string }
  | { kind: 'save'; name: string; type: string; content: string | Uint8Array };

/** What the host is asked to remember of a page. */
export interface PageState {
  place: PageLocation;
  onlyDifferences: boolean;
}
