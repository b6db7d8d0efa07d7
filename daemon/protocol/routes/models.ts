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

/** Routes about models, as in `Routes`. */
export interface ModelRoutes {
  'GET /models': [Paged & { query?: string | undefined }, Page<Model>];
  'GET /models/:model': [OfModel, ModelDetail];
  'GET /models/:model/card': [OfModel, Card];
  'GET /models/:model/history': [OfModel & Paged, Page<ThinEvent>];
  /** Models that need attention, and why. */
  'GET /review': [{ model?: string | undefined }, { models: ReviewedModel[] }];
  'POST /models/:model/card': [OfModel & { text: string }, Changed];
  'POST /models/:model/rename': [OfModel & { name: string }, Changed];
  /** Makes the versions of the model `from` versions of this model, which keeps its stages and aliases. */
  'POST /models/:model/merge': [OfModel & Reasoned & { from: string }, Merged];
  /** Chooses the primary metric; null leaves it to the policy or the versions. */
  'POST /models/:model/metric': [OfModel & { metric: string | null }, Changed];
  'POST /models/:model/describe': [OfModel & { description: string }, Changed];
  'POST /models/:model/tag': [OfModel & { key: string; value: string | null }, Changed];
}
