import type { Comment, ManifestFile, NameOrigin, Version } from '../model.ts';
import type { Evidence } from '../evidence.ts';
import type { Approval } from '../approval.ts';
import type { Deployment } from '../deployment.ts';
import type { ModelFacts } from '../artifact.ts';
import type { BisectRequest, Bisection } from '../bisection.ts';
import type { Comparison } from '../comparison.ts';
import type { IdentifyReply } from '../identify.ts';
import type { Lineage, Siblings } from '../lineage.ts';
import type { SeriesReply } from '../series.ts';
import type { TensorNorms, TensorStatistics } from '../tensors.ts';
import type { Changed, OfModel, OfVersion, Page, Paged, Reasoned } from '../shapes.ts';

/** Facts about a version's run, besides those of the version. */
export interface RunRelation {
  /** `churn@2`: the version of a later save of the same path by the same run; null for none. */
  later: string | null;
  /** A checkpoint that the run's log gives a better value than the end of training; null for none. */
  better: BetterCheckpoint | null;
}

export interface BetterCheckpoint {
  path: string;
  metric: string;
  value: number;
  /** Value of the metric at the end of training. */
  atEnd: number;
  /** True if the file can still be registered. */
  isOnDisk: boolean;
}

export interface VersionDetail {
  version: Version;
  facts: ModelFacts;
  files: ManifestFile[];
  evidence: Evidence[];
  /** Null while it is being captured. */
  lineage: Lineage | null;
  comments: Comment[];
  /** Absent if nothing is known of its run. */
  ofRun?: RunRelation;
  /** Approval requests and answers, oldest first. */
  approvals?: Approval[];
  /** Deployment commands that ran after pointers moved to it, oldest first. */
  deployments?: Deployment[];
}

export interface Registered {
  version: Version;
  /** False if these bytes were a version already. */
  created: boolean;
  /** Origin of the model's name, if the request named none. */
  named?: NameOrigin;
}

interface TensorRequest {
  /** References. */
  baseline: string;
  candidate: string;
  /** True to read the data as well; else only headers. */
  norms?: boolean | undefined;
  /** Any name, for progress and cancel. */
  job?: string | undefined;
}

/** Selects and orders versions by their values, as `shared/search` reads it. */
interface VersionSearch extends Paged {
  /** Models by name or pattern, such as `churn-*`; absent for all. */
  models?: string | undefined;
  /** Such as `val_auc > 0.9 and stage = production`. */
  where?: string | undefined;
  /** Such as `val_auc` or `lr desc`. */
  sort?: string | undefined;
  /** True to include deleted and moved versions. */
  all?: boolean | undefined;
}

/** A page of found items. Its cursor counts items, so a change between two pages may repeat or skip some. */
export interface Found<T> extends Page<T> {
  /** Number of all items found. */
  total: number;
  /** Names in the filter that no item has. */
  unknown: string[];
}

/** Routes about versions and what they hold, as in `Routes`. */
export interface VersionRoutes {
  'GET /versions': [VersionSearch, Found<Version>];
  'GET /models/:model/versions': [OfModel & Paged & { all?: boolean | undefined }, Page<Version>];
  'GET /models/:model/versions/:version': [OfVersion, VersionDetail];
  'GET /models/:model/versions/:version/captured': [OfVersion & { path: string }, { path: string; text: string }];
  /** Two to twenty references separated by commas, the baseline first; `run:…` (`runReference`) is a run. */
  'GET /compare': [{ versions: string }, Comparison];
  /** One to twenty references. `GET /series/points` returns their points, see `series.ts`. */
  'GET /series': [{ versions: string }, SeriesReply];
  'GET /bisect': [OfModel & BisectRequest, Bisection];
  /** Finds the versions of the same run, and those trained with the same data. */
  'GET /models/:model/versions/:version/siblings': [OfVersion, Siblings];
  /** Finds the versions with the bytes of a file or folder. */
  'GET /identify': [{ path: string }, IdentifyReply];
  'POST /models/:model/versions/:version/delete': [OfVersion & Reasoned, Changed & { until: number }];
  'POST /models/:model/versions/:version/describe': [OfVersion & { description: string }, Changed];
  'POST /models/:model/versions/:version/tag': [OfVersion & { key: string; value: string | null }, Changed];
  'POST /models/:model/versions/:version/comment': [OfVersion & { text: string }, Changed];
  'POST /models/:model/versions/:version/move': [OfVersion & { to: string }, Registered];
  'POST /models/:model/versions/:version/attach': [OfVersion & { path: string }, Evidence];
  /** Like `attach`, with a file that was uploaded. `name`: its base name. */
  'POST /models/:model/versions/:version/attach/uploaded': [OfVersion & { name: string; digest: string }, Evidence];
  /** Adds metrics that the caller measured. The newest value of each counts. `NaN`, `Infinity` and `-Infinity` are texts. */
  'POST /models/:model/versions/:version/metrics': [OfVersion & { metrics: Record<string, number | string> }, Evidence];
  /** Withdraws the evidence of a source, named as in `GET` of the version. */
  'POST /models/:model/versions/:version/detach': [OfVersion & Reasoned & { source: string }, Changed];
  'POST /models/:model/versions/:version/materialise': [OfVersion, { path: string }];
  /** Progress comes on the socket with task `tensors` and the job as subject. A cancelled job replies with what it has. */
  'POST /tensors/compare': [TensorRequest, TensorNorms];
  /** Compares a file or folder on disk with a version, its baseline, in the same way. */
  'POST /tensors/compare-file': [Omit<TensorRequest, 'candidate'> & { path: string }, TensorNorms];
  /** Describes the numbers of one tensor of a file or folder on disk. Progress and cancelling as with `compare`. */
  'POST /tensors/describe': [{ path: string; tensor: string; job?: string | undefined }, TensorStatistics];
  'POST /tensors/cancel': [{ job: string }, { cancelled: boolean }];
}
