import type { Model, ModelDetail } from '../model.ts';
import type { ThinEvent } from '../events.ts';
import type { ReviewedModel } from '../policy.ts';
import type { Changed, OfModel, Page, Paged, Reasoned } from '../shapes.ts';

/** What people should know of a model before they use it. */
export interface Card {
  /** Markdown with YAML front matter. */
  text: string;
  /** True where nobody wrote one: the text is drawn up from facts. */
  draft: boolean;
  /** Fields that are asked for and not filled in. */
  missing: string[];
  /** Of all fields that are asked for, how many are filled in. */
  filled: number;
  at: number | null;
  actor: string | null;
}

/** What a merge made: the event, and each version with its number before and after. */
export interface Merged extends Changed {
  versions: { from: number; to: number }[];
}

/** Routes about models, as in `Routes`. */
export interface ModelRoutes {
  'GET /models': [Paged & { query?: string | undefined }, Page<Model>];
  'GET /models/:model': [OfModel, ModelDetail];
  'GET /models/:model/card': [OfModel, Card];
  'GET /models/:model/history': [OfModel & Paged, Page<ThinEvent>];
  /** Models that somebody should look after, and why. */
  'GET /review': [{ model?: string | undefined }, { models: ReviewedModel[] }];
  'POST /models/:model/card': [OfModel & { text: string }, Changed];
  'POST /models/:model/rename': [OfModel & { name: string }, Changed];
  /** The versions of the model `from` become versions of the model, which keeps its stages and aliases. */
  'POST /models/:model/merge': [OfModel & Reasoned & { from: string }, Merged];
  /** Chooses the metric that stands for the model; null leaves it to the policy or the versions. */
  'POST /models/:model/metric': [OfModel & { metric: string | null }, Changed];
  'POST /models/:model/describe': [OfModel & { description: string }, Changed];
  'POST /models/:model/tag': [OfModel & { key: string; value: string | null }, Changed];
}
