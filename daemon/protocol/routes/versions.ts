import type { Comment, ManifestFile, Version } from '../model.ts';
import type { Evidence } from '../evidence.ts';
import type { Approval } from '../approval.ts';
import type { Deployment } from '../deployment.ts';
import type { ModelFacts } from '../artifact.ts';
import type { BisectRequest, Bisection } from '../bisection.ts';
import type { Comparison } from '../comparison.ts';
import type { IdentifyReply } from '../identify.ts';
import type { Lineage } from '../lineage.ts';
import type { SeriesReply } from '../series.ts';
import type { TensorNorms } from '../tensors.ts';
import type { Changed, OfModel, OfVersion, Page, Paged, Reasoned } from '../shapes.ts';

/** What is known of the run that saved a version, besides the version. */
export interface RunRelation {
  /** `churn@2`: the same run saved the same path again later, and that is this version; null where it did not. */
  later: string | null;
  /** A checkpoint that the run's log gives a better value than the end of training; null where none is known. */
  better: BetterCheckpoint | null;
}

export interface BetterCheckpoint {
  path: string;
  metric: string;
  value: number;
  /** The metric at the end of training. */
  atEnd: number;
  /** Whether the file is still there to be registered. */
  isOnDisk: boolean;
}

export interface VersionDetail {
  version: Version;
  facts: ModelFacts;
  files: ManifestFile[];
  evidence: Evidence[];
  /** Null while it was not looked for yet. */
  lineage: Lineage | null;
  comments: Comment[];
  /** Absent where nothing is known of its run. */
  ofRun?: RunRelation;
  /** What was asked and said of promoting it, the oldest first. */
  approvals?: Approval[];
  /** What was run after pointers moved to it, the oldest first. */
  deployments?: Deployment[];
}

export interface Registered {
  version: Version;
  /** False when these bytes were a version already. */
  created: boolean;
}

interface TensorRequest {
  /** References. */
  baseline: string;
  candidate: string;
  /** Whether to read the data, too; else headers alone. */
  norms?: boolean | undefined;
  /** A name of the client's choosing, for progress and cancel. */
  job?: string | undefined;
}

/** Routes about versions and what they hold, as in `Routes`. */
export interface VersionRoutes {
  'GET /models/:model/versions': [OfModel & Paged & { all?: boolean | undefined }, Page<Version>];
  'GET /models/:model/versions/:version': [OfVersion, VersionDetail];
  'GET /models/:model/versions/:version/captured': [OfVersion & { path: string }, { path: string; text: string }];
  /** Two to twenty references apart by commas, the baseline first; `run:…` (`runReference`) is a run. */
  'GET /compare': [{ versions: string }, Comparison];
  /** One to twenty references; their points are at `GET /series/points`, see `series.ts`. */
  'GET /series': [{ versions: string }, SeriesReply];
  'GET /bisect': [OfModel & BisectRequest, Bisection];
  /** Which version is this file or folder? */
  'GET /identify': [{ path: string }, IdentifyReply];
  'POST /models/:model/versions/:version/delete': [OfVersion & Reasoned, Changed & { until: number }];
  'POST /models/:model/versions/:version/describe': [OfVersion & { description: string }, Changed];
  'POST /models/:model/versions/:version/tag': [OfVersion & { key: string; value: string | null }, Changed];
  'POST /models/:model/versions/:version/comment': [OfVersion & { text: string }, Changed];
  'POST /models/:model/versions/:version/move': [OfVersion & { to: string }, Registered];
  'POST /models/:model/versions/:version/attach': [OfVersion & { path: string }, Evidence];
  /** Withdraws what a source, as `GET` of the version names it, says of it. */
  'POST /models/:model/versions/:version/detach': [OfVersion & Reasoned & { source: string }, Changed];
  'POST /models/:model/versions/:version/materialise': [OfVersion, { path: string }];
  /** Progress comes on the socket: task `tensors`, subject the job. What was cancelled answers with what it had. */
  'POST /tensors/compare': [TensorRequest, TensorNorms];
  'POST /tensors/cancel': [{ job: string }, { cancelled: boolean }];
}
