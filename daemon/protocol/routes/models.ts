import type { Model, ModelDetail } from '../model.ts';
import type { ThinEvent } from '../events.ts';
import type { ReviewedModel } from '../policy.ts';
import type { Changed, OfModel, Page, Paged, Reasoned } from '../shapes.ts';

/** A model card. */
export interface Card {
  /** Markdown with YAML front matter. */
  text: string;
  /** True if nobody has written one and the text is generated from facts. */
  draft: boolean;
  /** Recommended fields that are empty. */
  missing: string[];
  /** Number of recommended fields that are filled in. */
  filled: number;
  at: number | null;
  actor: string | null;
}

/** Result of a merge: the event, and the number of each version before and after. */
export interface Merged extends Changed {
  versions: { from: number; to: number }[];
}

/** Metrics over a model's newest versions, the oldest of them first. */
export interface MetricHistory {
  /** Numbers of the versions. */
  versions: number[];
  /** By metric, one value a version; null where it has none, or where the registry lists only a part of its metrics. */
  metrics: Record<string, (number | null)[]>;
}

/** A version that kept a report, as it is listed with those of other versions. */
export interface ReportedVersion {
  number: number;
  stage: string | null;
  aliases: string[];
  /** Digest of the report. */
  digest: string;
}

/** Routes about models, as in `Routes`. */
export interface ModelRoutes {
  'GET /models': [Paged & { query?: string | undefined }, Page<Model>];
  'GET /models/:model': [OfModel, ModelDetail];
  'GET /models/:model/card': [OfModel, Card];
  'GET /models/:model/history': [OfModel & Paged, Page<ThinEvent>];
  'GET /models/:model/metrics': [OfModel & { limit?: number | undefined }, MetricHistory];
  /** The newest versions that kept a report at this path, the newest first; the route `report` returns its bytes. */
  'GET /models/:model/reports': [OfModel & { path: string }, { versions: ReportedVersion[] }];
  /** Models that need attention, and why. */
  'GET /review': [{ model?: string | undefined }, { models: ReviewedModel[] }];
  'POST /models/:model/card': [OfModel & { text: string }, Changed];
  'POST /models/:model/rename': [OfModel & { name: string }, Changed];
  /** Makes the versions of the model `from` versions of this model, which keeps its stages and aliases. */
  'POST /models/:model/merge': [OfModel & Reasoned & { from: string }, Merged];
  /** Pins a metric before the others, so that it is the primary one. Null removes all pins and leaves it to the policy or the versions. */
  'POST /models/:model/metric': [OfModel & { metric: string | null }, Changed];
  /** Pins metrics in this order; the first becomes the primary one. */
  'POST /models/:model/metrics': [OfModel & { metrics: string[] }, Changed];
  'POST /models/:model/describe': [OfModel & { description: string }, Changed];
  'POST /models/:model/tag': [OfModel & { key: string; value: string | null }, Changed];
}
