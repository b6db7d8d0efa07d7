import type { ThinEvent } from '../daemon/protocol/events.ts';
import type { Json } from '../daemon/protocol/json.ts';
import type { ModelFacts, TokenizerReply } from '../daemon/protocol/artifact.ts';
import type { Model, ModelDetail, Version } from '../daemon/protocol/model.ts';
import type { Comparison } from '../daemon/protocol/comparison.ts';
import type { ApprovalRequest } from '../daemon/protocol/approval.ts';
import type { GateReport, PolicyEdit } from '../daemon/protocol/policy.ts';
import type { Card, MetricHistory, ReportedVersion } from '../daemon/protocol/routes/models.ts';
import type { ListedRun } from '../daemon/protocol/routes/watch.ts';
import type { VersionDetail } from '../daemon/protocol/routes/versions.ts';
import type { Siblings } from '../daemon/protocol/lineage.ts';
import type { TensorNorms, TensorStatistics } from '../daemon/protocol/tensors.ts';
import type { Points, SeriesReply } from '../daemon/protocol/series.ts';
import type { TrackedRun } from '../daemon/protocol/tracked-run.ts';

/** The subject of a page. */
export type PageLocation =
  /** All models, with one of them in more detail: at first the one that was changed last. */
  | { page: 'models'; model?: string }
  | { page: 'compare'; versions: string[]; look?: LinkedLook }
  | { page: 'version'; model: string; version: string }
  | { page: 'model'; model: string }
  | { page: 'history'; model: string }
  /** `against`: number of the version that is laid over, or `none`; absent for production or the version before. */
  | { page: 'lineage'; model: string; version: string; against?: string }
  | { page: 'inspect'; path: string }
  /** A run that an MLflow client logged, by its id. */
  | { page: 'run'; run: string }
  /** All runs, or those that saved versions of a model. */
  | { page: 'runs'; model?: string };

/** What a link to a comparison contains besides its versions: the filter and the parts that a person chose to see. */
export interface LinkedLook {
  /** True when equal rows are shown, too. */
  all?: boolean;
  filter?: string;
  /** References of the versions whose curves are hidden. */
  hidden?: string[];
  /** The param by which the versions are grouped. */
  group?: string;
  /** The x axis of curves, and the part of it that is shown. */
  x?: string;
  zoom?: [number, number];
}

export interface CompareView {
  page: 'compare';
  /** `model@number`, the baseline first. */
  comparison: Comparison;
  series: SeriesReply;
  /** The model of the baseline, or of the first version; null if only runs are compared. */
  model: ComparedModel | null;
}

/** What the comparison needs of the model whose versions it shows. */
export interface ComparedModel {
  name: string;
  primaryMetric: string | null;
  /** Metrics that people pinned, in their order. */
  pinnedMetrics: string[];
  /** The version in production; null for none. */
  production: number | null;
  history: MetricHistory;
}

export interface VersionView {
  page: 'version';
  detail: VersionDetail;
  model: ModelDetail;
  /** The version against its baseline; null if there is no other version. */
  comparison: Comparison | null;
  /** What the version is compared with: production, or the version before it if it is in production itself. */
  baseline: { number: number; isProduction: boolean } | null;
  /** All versions with their metrics, oldest first. */
  siblings: SiblingMetrics[];
  /** Of the version and its baseline. */
  series: SeriesReply;
  /** Events of this version and of the stages and aliases that it held, newest first. */
  history: ThinEvent[];
  /** The gate report for each stage or alias that has gates. */
  gateReports: GateReport[];
}

/** What a sparkline needs of a version. */
export interface SiblingMetrics {
  number: number;
  metrics: Version['metrics'];
}

export interface ModelView {
  page: 'model';
  model: ModelDetail;
  card: Card;
  /** Newest first. */
  versions: Version[];
  /** Newest first. */
  history: ThinEvent[];
  /** The moves of its stages and aliases, newest first. */
  moves: ThinEvent[];
  /** The gate reports of its newest version, one for each stage and alias with gates. */
  gateReports?: GateReport[];
  /** Why a person should check it. */
  reasons?: string[];
  /** How many references in the workspace load it; absent when that is not known, and outside an editor. */
  references?: number;
}

export interface HistoryView {
  page: 'history';
  model: string;
  /** Newest first. */
  events: ThinEvent[];
  /** False if there are older events than these. */
  isWhole: boolean;
}

export interface LineageView {
  page: 'lineage';
  detail: VersionDetail;
  model: ModelDetail;
  /** The version against the one that is laid over; null for none. */
  comparison: Comparison | null;
  against: number | null;
  /** Numbers of the other versions, newest first. */
  others: number[];
  /** How many lines its uncommitted changes add or remove; null if there are none, or if they were not kept. */
  uncommittedLines: number | null;
  /** How many references in the workspace load the model; absent when that is not known, and outside an editor. */
  references?: number;
}

export interface InspectView {
  page: 'inspect';
  path: string;
  size: number;
  facts: ModelFacts | null;
  /** Why there are no facts, or what is wrong with the file, in one sentence. */
  problem: string | null;
  /** `model@number` of the versions with these bytes; null before they were looked up. */
  known: string[] | null;
  /** Versions that its weights can be compared with, the best choice first. */
  comparable: ComparableVersion[];
}

export interface ComparableVersion {
  reference: string;
  /** The stage or alias that it holds, as in `production`; empty for none. */
  holds: string;
}

export interface RunView {
  page: 'run';
  run: TrackedRun;
}

export interface RunsView {
  page: 'runs';
  /** Only runs that saved versions of it are shown; absent for all. */
  model?: string;
  /** Running ones first, then the newest. */
  runs: ListedRun[];
}

export interface ModelsView {
  page: 'models';
  /** Open requests for approval. */
  requests: ApprovalRequest[];
  /** Most recently changed first. */
  models: Model[];
  /** The model that is shown in more detail; absent if there is none. */
  chosen?: ChosenModel;
}

export interface ChosenModel {
  model: ModelDetail;
  /** Newest first. */
  versions: Version[];
  /** The newest moves of its stages and aliases. */
  moves: ThinEvent[];
}

/** What could not be shown, and why. */
export interface ProblemView {
  page: 'problem';
  message: string;
}

export type View =
  | ModelsView
  | CompareView
  | VersionView
  | ModelView
  | HistoryView
  | LineageView
  | InspectView
  | RunView
  | RunsView
  | ProblemView;

/** Messages from the host to the page. */
export type ToPage =
  | {
      kind: 'render';
      view: View;
      onlyDifferences: boolean;
      words: Record<string, string>;
      canChange: boolean;
      /** How the link by which a comparison was opened shows it. */
      look?: LinkedLook | undefined;
      /** What the user set on pages before, by key. */
      kept: Record<string, Json>;
      /** True when the user may approve and reject. */
      canApprove: boolean;
      /** True when an editor can show text differences. */ editor: boolean;
    }
  /** The points of one metric. Columns are in the order of the view's series. */
  | { kind: 'series'; versions: string[]; metric: string; columns: Points[] }
  /** Progress of the tensor job, and its result. */
  | { kind: 'progress'; done: number; total: number }
  | { kind: 'norms'; norms: TensorNorms }
  | { kind: 'norms-failed' }
  /** The versions of the same run or data, or a sentence that says why they are not known. */
  | ({ kind: 'siblings'; reference: string } & (Siblings | { problem: string }))
  /** The tokenizer of a file, or a sentence that says why it is not known. */
  | ({ kind: 'tokenizer'; path: string } & (TokenizerReply | { problem: string }))
  /** How the weights of a file differ from those of a version, or a sentence that says why that is not known. */
  | ({ kind: 'fileNorms'; job: string } & ({ norms: TensorNorms } | { problem: string }))
  /** Progress of reading tensors of a file, and what its numbers are, or a sentence that says why that is not known. */
  | { kind: 'tensorProgress'; job: string; done: number; total: number }
  | ({ kind: 'tensor'; job: string } & ({ statistics: TensorStatistics } | { problem: string }))
  /** A picture or report of a version with its media type, or a sentence that says why it is missing. */
  | ({ kind: 'report'; reference: string; path: string } & ({ type: string; bytes: Uint8Array } | { problem: string }))
  /** The text of a captured file or a report by its digest, or a sentence that says why it is missing. */
  | ({ kind: 'text'; digest: string } & ({ text: string } | { problem: string }))
  /** The versions of a model that kept a picture at a path, the newest first, or a sentence that says why they are not known. */
  | ({ kind: 'pictures'; model: string; path: string } & ({ versions: ReportedVersion[] } | { problem: string }))
  | { kind: 'away'; message: string | null };

/** A text that was captured with a version. */
export interface TextRef {
  reference: string;
  digest: string;
}

export type PinMove = 'first' | 'up' | 'last' | 'none';

/** Messages from the page to the host. */
export type FromPage =
  | { kind: 'ready' }
  | { kind: 'open'; place: PageLocation }
  | {
      kind: 'curves';
      versions: string[];
      metrics: string[];
      /** How many points a curve is cut to, about. */ points: number;
    }
  /** The person changed what a link to the comparison contains. */
  | { kind: 'look'; look: LinkedLook }
  /** Remembers what the user set on a page, such as the width of a column; null forgets it. */
  | { kind: 'keep'; key: string; value: Json }
  | { kind: 'copyLink' }
  /** Moves a metric among the pinned ones of a model, or removes its pin. */
  | { kind: 'pin'; model: string; metric: string; to: PinMove }
  /** Opens the plinth.yaml of a model with a change for a metric, to be reviewed and saved by the person. */
  | { kind: 'draftPolicy'; model: string; edit: PolicyEdit }
  | { kind: 'promote'; reference: string }
  /** `pointer` as in `production` or `@champion`. */
  | { kind: 'askApproval' | 'approve' | 'reject'; reference: string; pointer: string }
  /** Evaluates the gates again, and runs those that are commands. */
  | { kind: 'runGates'; reference: string; pointer: string }
  | { kind: 'editTags'; reference: string }
  | { kind: 'comment'; reference: string; text: string }
  | { kind: 'rollBack'; model: string; pointer: 'stage' | 'alias'; name: string }
  | { kind: 'differences'; versions: string[] }
  | { kind: 'add'; versions: string[] }
  | { kind: 'captured'; reference: string; path: string }
  /** Requests the text of a file that was captured with a version, by its digest. */
  | { kind: 'text'; reference: string; digest: string }
  /** Opens the diff editor for a text of two versions, found by its digests. */
  | { kind: 'diffText'; name: string; before: TextRef; after: TextRef }
  /** Requests the versions of a model that kept a picture at a path. */
  | { kind: 'pictures'; model: string; path: string }
  /** Requests the content of a report, or opens it as a document of its own. */
  | { kind: 'report' | 'openReport'; reference: string; path: string }
  /** Saves a file of a version on the person's machine. `path` as in the manifest, or the version's only file. */
  | { kind: 'download'; reference: string; path: string }
  | { kind: 'identify'; path: string }
  | { kind: 'register'; path: string }
  /** Requests the versions of the same run or data. */
  | { kind: 'siblings'; reference: string }
  /** Requests the tokenizer of a file. */
  | { kind: 'tokenizer'; path: string }
  /** Compares the weights of a file with those of a version, in a job as above. The answer is `fileNorms`. */
  | { kind: 'compareFile'; path: string; baseline: string; job: string }
  /** Reads the numbers of one tensor of a file. The page chooses the job's name. A former one is stopped. */
  | { kind: 'describeTensor'; path: string; tensor: string; job: string }
  | { kind: 'editCard'; model: string }
  | { kind: 'references'; model: string }
  /** Reads the tensors of two versions. The page chooses the job's name, and cancels the job by it. */
  | { kind: 'norms'; baseline: string; candidate: string; job: string }
  | { kind: 'cancel'; job: string }
  | { kind: 'export'; versions: string[] }
  | { kind: 'copy'; text: string }
  | { kind: 'save'; name: string; type: string; content: string | Uint8Array };

/** The state of a page that the host is asked to remember. */
export interface PageState {
  place: PageLocation;
  onlyDifferences: boolean;
}
